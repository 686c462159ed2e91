# bash completion for envoyage; to load it: source <(envoyage completion bash)
_envoyage() {
  local line="${COMP_LINE:0:COMP_POINT}" cur stem word
  local -a words
  COMPREPLY=()
  # bash breaks words at colons, which addresses have: the line is split again, at blanks alone.
  read -r -a words <<< "$line"
  [[ $line == *[[:blank:]] ]] && words+=('')
  cur="${words[${#words[@]}-1]}"
  # What is put in replaces the text after the last break, so what stands before it is taken off.
  stem="${cur%"${cur##*[$COMP_WORDBREAKS]}"}"
  while IFS=$'\t' read -r word _; do
    if [[ $word == :files ]]; then
      compopt -o default
      return
    fi
    COMPREPLY+=("${word#"$stem"}")
  done < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
}
complete -F _envoyage envoyage

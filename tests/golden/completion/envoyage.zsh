#compdef envoyage
# zsh completion for envoyage; to load it: source <(envoyage completion zsh)
_envoyage() {
  local line word description
  local -a candidates
  while IFS=$'\t' read -r word description; do
    if [[ $word == :files ]]; then
      _files
      return
    fi
    candidates+=("${word//:/\\:}:$description")
  done < <("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe -V 'envoyage' candidates
}
if [[ ${funcstack[1]} == _envoyage ]]; then
  _envoyage "$@"
else
  compdef _envoyage envoyage
fi

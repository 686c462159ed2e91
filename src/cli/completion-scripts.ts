/**
 * What a shell has to be told once. The knowledge is in `envoyage complete -- WORDS`, which answers one candidate a line,
 * `word<TAB>description`, or the single line `:files` where the shell is to complete a path.
 */
const BASH = `# bash completion for envoyage; to load it: source <(envoyage completion bash)
_envoyage() {
  local line="\${COMP_LINE:0:COMP_POINT}" cur stem word
  local -a words
  COMPREPLY=()
  # bash breaks words at colons, which addresses have: the line is split again, at blanks alone.
  read -r -a words <<< "$line"
  [[ $line == *[[:blank:]] ]] && words+=('')
  cur="\${words[\${#words[@]}-1]}"
  # What is put in replaces the text after the last break, so what stands before it is taken off.
  stem="\${cur%"\${cur##*[$COMP_WORDBREAKS]}"}"
  while IFS=$'\\t' read -r word _; do
    if [[ $word == :files ]]; then
      compopt -o default
      return
    fi
    COMPREPLY+=("\${word#"$stem"}")
  done < <("\${words[0]}" complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -F _envoyage envoyage
`;

const ZSH = `#compdef envoyage
# zsh completion for envoyage; to load it: source <(envoyage completion zsh)
_envoyage() {
  local line word description
  local -a candidates
  while IFS=$'\\t' read -r word description; do
    if [[ $word == :files ]]; then
      _files
      return
    fi
    candidates+=("\${word//:/\\\\:}:$description")
  done < <("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe -V 'envoyage' candidates
}
if [[ \${funcstack[1]} == _envoyage ]]; then
  _envoyage "$@"
else
  compdef _envoyage envoyage
fi
`;

const FISH = `# fish completion for envoyage; to load it: envoyage completion fish | source
function __envoyage_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
    if test "$found[1]" = :files
        __fish_complete_path "$current"
    else
        printf '%s\\n' $found
    end
end
complete -c envoyage -f -a '(__envoyage_complete)'
`;

export const COMPLETION_SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;
export type Shell = keyof typeof COMPLETION_SCRIPTS;

import { quoted } from '../../diagnostics/words.js';

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
type Shell = (typeof SHELLS)[number];

/**
 * What a shell reads to complete `retable`, `npx retable` and `npx run`. `program` starts retable itself, so that a Tab doesn't wait for npx.
 * Each asks `complete -- WORDS` and gets a line an answer: the word, a tab, what it is about.
 */
export const scriptFor = (shell: Shell, program: readonly string[]): string => SCRIPTS[shell](program);

const command = (program: readonly string[]): string => program.map(quoted).join(' ');

const SCRIPTS: Readonly<Record<Shell, (program: readonly string[]) => string>> = {
  // Bash cuts words at "=" and ":", and puts an answer in place of the last piece only.
  bash: (program) => `# retable completion bash
_retable_complete() {
  local line="\${COMP_LINE:0:COMP_POINT}" words current before answers
  read -ra words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=('')
  case "\${words[0]##*/}:\${words[1]}" in
    npx:retable) words=("\${words[@]:2}") ;;
    npx:run) words=(run "\${words[@]:2}") ;;
    npx:*) return ;;
    *) words=("\${words[@]:1}") ;;
  esac
  [[ \${#words[@]} -eq 0 ]] && return
  current="\${words[\${#words[@]}-1]}"
  before="\${current%"\${current##*[=:]}"}"
  COMPREPLY=()
  while IFS=$'\\t' read -r answers _; do
    [[ -n "$answers" ]] && COMPREPLY+=("\${answers#"$before"}")
  done < <(${command(program)} complete -- "\${words[@]}" 2> /dev/null)
  [[ \${#COMPREPLY[@]} -eq 1 && "\${COMPREPLY[0]}" != *[/=.] ]] || compopt -o nospace
}
complete -F _retable_complete retable
complete -o default -F _retable_complete npx
`,

  zsh: (program) => `#compdef retable npx
# retable completion zsh
_retable_complete() {
  local -a asked lines further final
  local line
  asked=("\${(@)words[2,CURRENT]}")
  if [[ "\${words[1]:t}" == npx ]]; then
    case "\${words[2]}" in
      retable) asked=("\${(@)words[3,CURRENT]}") ;;
      run) asked=(run "\${(@)words[3,CURRENT]}") ;;
      *) _default; return ;;
    esac
  fi
  lines=("\${(@f)$(${command(program)} complete -- "\${asked[@]}" 2> /dev/null)}")
  for line in "\${lines[@]}"; do
    [[ -z "$line" ]] && continue
    case "\${line%%$'\\t'*}" in
      *[/=.]) further+=("\${line%%$'\\t'*}") ;;
      *) final+=("\${line%%$'\\t'*}") ;;
    esac
  done
  compadd -S '' -- "\${further[@]}"
  compadd -- "\${final[@]}"
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
compdef _retable_complete retable npx
`,

  fish: (program) => `# retable completion fish
function __retable_complete
    set -l typed (commandline -ct)
    set -l words (commandline -opc) "$typed"
    if string match -q '*npx' -- $words[1]
        if test "$words[2]" = run
            set words npx run $words[3..-1]
        else if test "$words[2]" != retable
            return
        else
            set words npx $words[3..-1]
        end
    end
    ${command(program)} complete -- $words[2..-1] 2> /dev/null
end
complete -c retable -f -a '(__retable_complete)'
complete -c npx -a '(__retable_complete)'
`,

  powershell: (program) => `# retable completion powershell
Register-ArgumentCompleter -Native -CommandName retable -ScriptBlock {
  param($typed, $line, $cursor)
  $words = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($typed -eq '') { $words += '""' }
  & ${command(program)} complete -- @words | Where-Object { $_ } | ForEach-Object {
    $text, $about = $_ -split "\`t", 2
    [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $(if ($about) { $about } else { $text }))
  }
}
`,
};

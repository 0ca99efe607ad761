# Completes the lastcall command in bash. The tests hold the words to the command's own help.

_lastcall() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local subcommand=${COMP_WORDS[1]} words= i
    COMPREPLY=()
    if [[ $word == '=' ]]; then # bash takes --option=value apart
        word=
    elif [[ $before == '=' ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W 'run check status set drain plan install --help --version' -- "$word"))
        return
    fi
    if [[ $subcommand == run ]]; then # behind the program: as if typed without us
        for ((i = 2; i < COMP_CWORD; i++)); do
            case ${COMP_WORDS[i]} in
                -n | --requests | --age | --jitter | --rate | --ports | --status | --status-mode)
                    ((i++))
                    [[ ${COMP_WORDS[i]} == '=' ]] && ((i++))
                    ;;
                --) ((i++)) && break ;;
                -*) ;;
                *) break ;;
            esac
        done
        if ((i < COMP_CWORD)); then
            if declare -F _command_offset >/dev/null; then
                _command_offset "$i"
            else
                COMPREPLY=($(compgen -f -- "$word"))
            fi
            return
        fi
    fi
    case $before in
        --status)
            COMPREPLY=($(compgen -W off -- "$word") $(compgen -d -- "$word"))
            return
            ;;
        --status-mode)
            COMPREPLY=($(compgen -W '0600 0640 0644 0660 0666' -- "$word"))
            return
            ;;
        -n | --requests | --age | --jitter | --rate | --ports | --count | --listen | --over | --within | --grace | \
            --rps | --clients | --connections | --streams | --settle | requests | age | jitter | rate)
            return
            ;;
        observe)
            COMPREPLY=($(compgen -W 'on off' -- "$word"))
            return
            ;;
    esac
    case $subcommand in
        run) words='-n --requests --age --jitter --rate --ports --status --status-mode --observe --' ;;
        check) words='--setup --grace --within --json' ;;
        status) words='--watch --count --json --prometheus --listen' ;;
        set) words='--all' ;;
        drain) words='--over --wait --within --cancel --all' ;;
        plan) words='--rps --clients --connections --streams --settle --jitter' ;;
    esac
    if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$words -h --help" -- "$word"))
        return
    fi
    case $subcommand in
        run) _lastcall_programs "$word" ;;
        check)
            _lastcall_programs "$word"
            COMPREPLY+=($(_lastcall_pids "$word"))
            ;;
        set)
            if ((COMP_CWORD == 2)); then
                COMPREPLY=($(_lastcall_servers "$word"))
            else
                compopt -o nospace 2>/dev/null
                COMPREPLY=($(compgen -W 'requests= age= jitter= rate= observe=' -- "$word"))
            fi
            ;;
        install) COMPREPLY=($(compgen -d -- "$word")) ;;
        status)
            COMPREPLY=($(_lastcall_servers "$word"))
            [[ $word == /* ]] && COMPREPLY=($(compgen -d -- "$word"))
            ;;
        drain) COMPREPLY=($(_lastcall_servers "$word")) ;;
    esac
}

# Files that can be executed, and folders on the way to them; neither the shell's words nor its functions.
_lastcall_programs() {
    local folder paths=() path
    COMPREPLY=()
    if [[ $1 == */* ]]; then
        paths=("$1"*)
    else
        local IFS=:
        for folder in $PATH; do paths+=("${folder:-.}/$1"*); done
    fi
    for path in "${paths[@]}"; do
        if [[ -d $path && $1 == */* ]]; then
            COMPREPLY+=("$path/")
            compopt -o nospace 2>/dev/null
        elif [[ -f $path && -x $path ]]; then
            [[ $1 == */* ]] || path=${path##*/}
            COMPREPLY+=("$path")
        fi
    done
}

# The processes whose pages can be seen.
_lastcall_pids() {
    compgen -W "$(lastcall status --json 2>/dev/null |
        grep -o '"servers": \[{"pid": [0-9]*\|}, {"pid": [0-9]*, "server"' | grep -o '[0-9]*')" -- "$1"
}

# Their names, where one has been begun.
_lastcall_servers() {
    if [[ $1 == [A-Za-z_]* ]]; then
        compgen -W "$(lastcall status --json 2>/dev/null |
            grep -o '"server": "[A-Za-z0-9._+-]*"' | cut -d '"' -f 4 | sort -u)" -- "$1"
    else
        _lastcall_pids "$1"
    fi
}

complete -F _lastcall lastcall

# SPDX-License-Identifier: GPL-3.0-or-later
# bash completion for assay(1)
_assay() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
	COMPREPLY=()
	case $prev in
	--json)
		[[ $command == combos ]] || mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		[[ $command == combos ]] || return ;;
	--format | --convert)
		mapfile -t COMPREPLY < <(compgen -W 'pict acts acts-xml ctwedge casa dimacs' -- "$cur")
		return ;;
	--html | --pack | --yara | -o | --output | --constraints | --seed-rows | --verify | --coverage | --svg | --plan | --from)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return ;;
	--extract)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return ;;
	list)
		mapfile -t COMPREPLY < <(compgen -W 'formats inspectors facts requirements' -- "$cur")
		return ;;
	explain)
		mapfile -t COMPREPLY < <(compgen -W "$(assay list requirements --names 2> /dev/null)" -- "$cur")
		return ;;
	pack)
		mapfile -t COMPREPLY < <(compgen -W 'test' -- "$cur")
		return ;;
	esac
	if [[ $cur == -* ]]; then
		local options='--help --html --json --pack --quiet --show-secrets'
		case $command in
		report | judge | explain | list | pack) ;;
		combos) options='--help --order --time --threads --steps --walks --random-seed --memory --seed-rows --format --constraints --case-sensitive --csv --table
			--json --junit --pytest --plan --output --verify --coverage --svg --check --convert --from --quiet' ;;
		*) options+=' --output --yara --blob --extract --threads --time --blob-time --max-depth --max-blobs --max-blob --max-total --max-ratio
			--without-landlock' ;;
		esac
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		return
	fi
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W 'assess report judge explain list pack combos help' -- "$cur"; compgen -f -- "$cur")
		return
	fi
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}
complete -o filenames -F _assay assay

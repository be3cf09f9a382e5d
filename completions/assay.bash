# SPDX-License-Identifier: GPL-3.0-or-later
# bash completion for assay(1)
_assay() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
	COMPREPLY=()
	local roles='privacy-notice manual disclosure-policy advisory support-policy terms pia test-report certificate label inventory records product-page other'
	case $prev in
	--json)
		[[ $command == vulns ]] && return
		[[ $command == combos ]] || mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		[[ $command == combos ]] || return ;;
	--format | --convert)
		mapfile -t COMPREPLY < <(compgen -W 'pict acts acts-xml ctwedge casa dimacs' -- "$cur")
		return ;;
	--html | --pack | --file | --measures | --feeds | --nvd-key-file | --statements | --yara | --sbom | --vex | --cyclonedx | --spdx | --spdx3 | --sarif | --junit | --oscal | --openvex | --csaf | --advisory | \
		--constraints | --seed-rows | --verify | --coverage | --svg | --plan | --from | -o | --output)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return ;;
	--role)
		mapfile -t COMPREPLY < <(compgen -W "$roles" -- "$cur")
		return ;;
	--document)
		mapfile -t COMPREPLY < <(compgen -S = -W "$roles" -- "$cur")
		return ;;
	--extract | --extract-only)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return ;;
	list)
		mapfile -t COMPREPLY < <(compgen -W 'formats inspectors facts requirements' -- "$cur")
		return ;;
	explain)
		mapfile -t COMPREPLY < <(compgen -W "$(assay list requirements --names 2> /dev/null)" -- "$cur")
		return ;;
	pack)
		mapfile -t COMPREPLY < <(compgen -W 'test new' -- "$cur")
		return ;;
	feed)
		mapfile -t COMPREPLY < <(compgen -W 'import update status' -- "$cur")
		return ;;
	esac
	if [[ $cur == -* ]]; then
		local options='--help --html --json --cyclonedx --spdx --sarif --junit --oscal --pack --quiet --show-secrets --measures --without-measures --verbose'
		case $command in
		report | judge | explain) ;;
		list) options='--help --names' ;;
		pack) options='--help --file' ;;
		init) options='--help --from' ;;
		show) options='--help --filter --verdict --depth --limit --tabs --show-secrets' ;;
		diff) options='--help --topic --html --json --verbose --quiet' ;;
		sbom) options='--help --cyclonedx --spdx --spdx3 --sbom --product --product-version --supplier --supplier-url' ;;
		document) options='--help --role --language --json --without-landlock' ;;
		vex) options='--help --openvex --csaf --advisory --cyclonedx --vex --product --product-version --supplier --supplier-url' ;;
		watch) options='--help --feeds --since --cve --product --min-priority --epss --statements --update --json --threads --quiet' ;;
		vulns) options='--help --feeds --statements --rejected --why --json --quiet' ;;
		feed) options='--help --feeds --keep-going --verbose --json --quiet --url --base-url --nvd-key-file --osv --alpine --pause
			--retry-wait --stall --max-size --ca-file --insecure-http --without-landlock' ;;
		combos) options='--help --order --time --threads --steps --walks --random-seed --memory --seed-rows --format --constraints --case-sensitive --csv --table
			--json --junit --pytest --plan --output --verify --coverage --svg --check --convert --from --quiet' ;;
		*) options+=' --feeds --without-feeds --allow-outside --output --yara --sbom --vex --document --blob --extract --extract-only --threads --time --blob-time --max-depth --max-blobs --max-blob --max-total --max-ratio
			--without-landlock' ;;
		esac
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		return
	fi
	if [[ $command == show ]] && ((COMP_CWORD == 3)); then
		mapfile -t COMPREPLY < <(compgen -W 'findings tree accounts certificates components damage declarations documents endpoints files hardening inputs kernel keys leftovers probes scripts secrets services settings startup time updates vulnerabilities' -- "$cur")
		return
	fi
	if [[ $command == feed && ${COMP_WORDS[2]} == update ]]; then
		mapfile -t COMPREPLY < <(compgen -W 'nvd cve osv kev epss alpine debian' -- "$cur")
		return
	fi
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W 'assess init report judge show diff explain list pack vulns watch feed sbom vex document combos help' -- "$cur"; compgen -f -- "$cur")
		return
	fi
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}
complete -o filenames -F _assay assay

# SPDX-License-Identifier: GPL-3.0-or-later
# fish completion for assay(1)
set -l commands assess init report judge show diff explain list pack vulns watch feed sbom vex document combos
complete -c assay -n "not __fish_seen_subcommand_from $commands" -a "$commands"
complete -c assay -n '__fish_seen_subcommand_from list' -f -a 'formats inspectors facts requirements'
complete -c assay -n '__fish_seen_subcommand_from explain' -f -a '(assay list requirements --names 2>/dev/null)'
complete -c assay -n '__fish_seen_subcommand_from pack' -a 'test new'
complete -c assay -n '__fish_seen_subcommand_from pack' -l file -r -d 'where to write a new pack'
complete -c assay -n '__fish_seen_subcommand_from vulns' -l statements -r -d 'match again, with statements'
complete -c assay -n '__fish_seen_subcommand_from watch' -l since -x -a last -d 'what changed from then on'
complete -c assay -n '__fish_seen_subcommand_from watch' -l cve -x -d 'only this one'
complete -c assay -n '__fish_seen_subcommand_from watch' -l product -x -d 'only software of this name'
complete -c assay -n '__fish_seen_subcommand_from watch' -l min-priority -x -d 'from this priority on'
complete -c assay -n '__fish_seen_subcommand_from watch' -l epss -x -d 'an EPSS that reaches this is a change'
complete -c assay -n '__fish_seen_subcommand_from watch' -l statements -r -d 'with statements'
complete -c assay -n '__fish_seen_subcommand_from watch' -l update -d 'write the new matches into the cases'
complete -c assay -n '__fish_seen_subcommand_from vulns' -l rejected -d 'also what does not apply'
complete -c assay -n '__fish_seen_subcommand_from vulns' -l why -x -d 'everything of one CVE'
complete -c assay -l feeds -r -d 'match against this database'
complete -c assay -l without-feeds -d 'match against none'
complete -c assay -l allow-outside -d 'files of a product file may lie elsewhere'
complete -c assay -n '__fish_seen_subcommand_from init' -l from -r -d 'fill in what a case shows'
complete -c assay -l html -r -d 'write an HTML report'
complete -c assay -l json -r -d 'write everything as JSON'
complete -c assay -l sarif -r -d 'write findings in SARIF 2.1.0'
complete -c assay -l junit -r -d 'write verdicts as JUnit XML'
complete -c assay -l oscal -r -d 'write verdicts as assessment results, OSCAL 1.1'
complete -c assay -l pack -r -d 'judge by this pack'
complete -c assay -l measures -r -d 'the database of measures'
complete -c assay -l without-measures -d 'compare no numbers'
complete -c assay -l verbose -d 'a summary of everything'
complete -c assay -l show-secrets -d 'reports show credentials in full'
complete -c assay -s q -l quiet -d 'errors only'
complete -c assay -s o -l output -r -d 'the case file'
complete -c assay -l extract -r -d 'write the files and other parts below a folder'
complete -c assay -l extract-only -r -d 'write these and do nothing else'
complete -c assay -l yara -r -d 'run these YARA rules'
complete -c assay -l sbom -r -d 'a bill of materials beside the image'
complete -c assay -l document -r -d 'a document of the product: ROLE=FILE'
complete -c assay -n '__fish_seen_subcommand_from document' -l role -x -a 'privacy-notice manual disclosure-policy advisory support-policy terms pia test-report certificate label inventory records product-page other' -d 'what it is'
complete -c assay -n '__fish_seen_subcommand_from document' -l language -x -d 'ISO 639-1 code'
complete -c assay -l vex -r -d 'statements on vulnerabilities'
for format in cyclonedx spdx spdx3
	complete -c assay -n 'not __fish_seen_subcommand_from vex' -l $format -r -d 'write a bill of materials'
end
for format in openvex csaf advisory cyclonedx
	complete -c assay -n '__fish_seen_subcommand_from vex' -l $format -r -d 'write a vulnerability document'
end
for name in product product-version supplier supplier-url
	complete -c assay -n '__fish_seen_subcommand_from sbom vex' -l $name -x
end
complete -c assay -l blob -x -d 'assess one blob of a case file'
complete -c assay -s t -l threads -x -d threads
for limit in time blob-time max-depth max-blobs max-blob max-total max-ratio
	complete -c assay -l $limit -x
end
complete -c assay -l without-landlock -d 'seccomp alone confines the worker'
complete -c assay -n '__fish_seen_subcommand_from feed' -a 'import update status'
complete -c assay -n '__fish_seen_subcommand_from update' -f -a 'nvd cve osv kev epss alpine debian'
complete -c assay -n '__fish_seen_subcommand_from feed' -l feeds -r -d 'the database'
complete -c assay -n '__fish_seen_subcommand_from feed' -l keep-going -d 'pass over what is faulty'
complete -c assay -n '__fish_seen_subcommand_from feed' -l verbose -d 'name what is no feed'
complete -c assay -n '__fish_seen_subcommand_from feed' -l url -x -d 'a document or CSAF provider'
complete -c assay -n '__fish_seen_subcommand_from feed' -l base-url -x -d 'a mirror of a source'
complete -c assay -n '__fish_seen_subcommand_from feed' -l nvd-key-file -r -d 'key of the NVD'
complete -c assay -n '__fish_seen_subcommand_from feed' -l osv -x -d ecosystems
complete -c assay -n '__fish_seen_subcommand_from feed' -l alpine -x -d branches
complete -c assay -n '__fish_seen_subcommand_from feed' -l ca-file -r -d 'certificates to trust'
complete -c assay -n '__fish_seen_subcommand_from feed' -l insecure-http -d 'allow http for a mirror'
complete -c assay -n '__fish_seen_subcommand_from feed' -l pause -x -d 'seconds between requests to the NVD'
complete -c assay -n '__fish_seen_subcommand_from feed' -l retry-wait -x -d 'seconds before what failed is tried again'
complete -c assay -n '__fish_seen_subcommand_from feed' -l stall -x -d 'seconds in which a server may send next to nothing'
complete -c assay -n '__fish_seen_subcommand_from feed' -l max-size -x -d 'of one file'
complete -c assay -n '__fish_seen_subcommand_from show' -a 'findings tree accounts certificates components damage declarations documents endpoints files hardening inputs kernel keys leftovers probes scripts secrets services settings startup time updates vulnerabilities'
for option in filter depth limit
	complete -c assay -n '__fish_seen_subcommand_from show' -l $option -x
end
complete -c assay -n '__fish_seen_subcommand_from show' -l verdict -x -a 'FAIL INCONCLUSIVE PASS NOT-APPLICABLE'
complete -c assay -n '__fish_seen_subcommand_from show' -l tabs -d 'for other programs'
for option in topic html json
	complete -c assay -n '__fish_seen_subcommand_from diff' -l $option -r
end
for option in verbose quiet
	complete -c assay -n '__fish_seen_subcommand_from diff' -l $option
end
for option in order time threads steps walks random-seed memory
	complete -c assay -n '__fish_seen_subcommand_from combos' -l $option -x
end
for option in seed-rows constraints plan verify coverage svg from
	complete -c assay -n '__fish_seen_subcommand_from combos' -l $option -r
end
for option in case-sensitive csv table junit pytest check
	complete -c assay -n '__fish_seen_subcommand_from combos' -l $option
end
complete -c assay -n '__fish_seen_subcommand_from combos' -l format -x -a 'pict acts acts-xml ctwedge casa dimacs'
complete -c assay -n '__fish_seen_subcommand_from combos' -l convert -x -a 'pict acts acts-xml ctwedge casa'

// SPDX-License-Identifier: Apache-2.0
#include "commands/tool_table.h"

#include <algorithm>

#include "commands/word.h"

namespace stayd {
namespace {

using enum ShortOptions;

// By name, then: how it reads "-xyz"; whether options may stand anywhere; whether they may be
// abbreviated; words that do not count.
constexpr ToolFacts kTools[] = {
    {"aws", bundled, true},
    {"az", bundled, true},
    {"cargo", bundled, true, false, "+"},
    {"cp", bundled, true, true},
    {"curl", bundled, true},
    {"docker"},
    {"doas"},
    {"env", bundled, false, true},
    {"exec"},
    {"flock"},
    {"gcloud", bundled, true, false, "alpha beta preview"},
    {"gh", bundled, true},
    {"git", bundled, false, true},
    {"gsutil"},
    {"helm", bundled, true},
    {"hf", bundled, true},
    {"ionice"},
    {"kubectl", bundled, true},
    {"mysql", bundled, true, true},
    {"nice"},
    {"node"},
    {"npm", bundled, true},
    {"npx"},
    {"perl"},
    {"php"},
    {"pip", bundled, true, true},
    {"pnpm", bundled, true},
    {"psql", bundled, true, true},
    {"pulumi", bundled, true},
    {"python"},
    {"rm", bundled, true, true},
    {"rsync", bundled, true},
    {"ruby"},
    {"scp", bundled, true},
    {"sh", bundled, false, false, "+"},
    {"ssh"},
    {"stdbuf"},
    {"su", bundled, true, true},
    {"sudo"},
    {"systemctl", bundled, true, true},
    {"terraform", long_names, true},
    {"time"},
    {"timeout"},
    {"uv", bundled, true},
    {"vault", long_names, true},
    {"wget", bundled, true, true},
    {"xargs"},
    {"yarn", bundled, true},
};

// The same program, or one that takes the same options.
constexpr std::pair<std::string_view, std::string_view> kSame[] = {
    {"bash", "sh"},       {"bunx", "npx"},       {"chgrp", "rm"},
    {"chmod", "cp"},      {"chown", "cp"},       {"chroot", "env"},
    {"command", "time"},  {"dash", "sh"},        {"huggingface-cli", "hf"},
    {"ksh", "sh"},        {"ln", "cp"},          {"mariadb", "mysql"},
    {"mv", "cp"},         {"nerdctl", "docker"}, {"nodejs", "node"},
    {"nohup", "time"},    {"oc", "kubectl"},     {"pipx", "uv"},
    {"podman", "docker"}, {"pypy", "python"},    {"runuser", "su"},
    {"setsid", "time"},   {"taskset", "time"},   {"tofu", "terraform"},
    {"uvx", "uv"},        {"zsh", "sh"},
};

// Options of a tool, those before its first word if `words` is empty, with a space between them.
// Flags "*": all that is not listed takes no value.
struct Options {
  std::string_view tool, words, with_value, flags;
};

constexpr Options kOptions[] = {
    {"aws", "",
     "--region --profile --output --endpoint-url --query --color --ca-bundle --cli-read-timeout "
     "--cli-connect-timeout --cli-binary-format",
     "--debug --no-verify-ssl --no-paginate --no-sign-request --version --no-cli-pager "
     "--cli-auto-prompt --no-cli-auto-prompt --recursive --quiet --dryrun --delete "
     "--only-show-errors --no-progress --follow-symlinks --no-follow-symlinks"},
    {"az", "",
     "--subscription -o --output --query -g --resource-group -n --name -l --location --assignee "
     "--role --scope --ids --account-name --container-name -f --file -s",
     "--debug --verbose --only-show-errors -h --help -y --yes --no-wait"},
    {"cargo", "",
     "--color --config -Z -C --explain --manifest-path --target --target-dir -p --package "
     "--features -F --profile -j --jobs --bin --example --test --bench --registry --index --token "
     "--exclude --message-format --git --branch --tag --rev --path --vers --root --limit",
     "*"},
    {"cp", "", "-t --target-directory -S --suffix --reference --from", "*"},
    {"curl", "",
     "-A -b -c -C -d -D -e -E -F -H -K -m -o -P -Q -r -t -T -u -U -w -x -X -y -Y -z "
     "--abstract-unix-socket --alt-svc --aws-sigv4 --cacert --capath --cert --cert-type --ciphers "
     "--config --connect-timeout --connect-to --continue-at --cookie --cookie-jar "
     "--create-file-mode --crlfile --curves --data --data-ascii --data-binary --data-raw "
     "--data-urlencode --delegation --dns-interface --dns-ipv4-addr --dns-ipv6-addr --dns-servers "
     "--doh-url --dump-header --ech --egd-file --engine --etag-compare --etag-save "
     "--expect100-timeout --form --form-string --ftp-account --ftp-alternative-to-user "
     "--ftp-method --ftp-port --ftp-ssl-ccc-mode --happy-eyeballs-timeout-ms "
     "--haproxy-clientip --header --hostpubmd5 --hostpubsha256 --hsts --interface --ip-tos "
     "--ipfs-gateway --json --keepalive-time --key --key-type --krb --libcurl --limit-rate "
     "--local-port --login-options --mail-auth --mail-from --mail-rcpt --max-filesize "
     "--max-redirs --max-time --netrc-file --noproxy --oauth2-bearer --output --output-dir "
     "--parallel-max --pass --pinnedpubkey --preproxy --proto --proto-default --proto-redir "
     "--proxy --proxy-cacert --proxy-capath --proxy-cert --proxy-cert-type --proxy-ciphers "
     "--proxy-crlfile --proxy-header --proxy-key --proxy-key-type --proxy-pass "
     "--proxy-pinnedpubkey --proxy-service-name --proxy-tls13-ciphers --proxy-user --proxy1.0 "
     "--pubkey --quote --random-file --range --rate --referer --request --request-target "
     "--resolve --retry --retry-delay --retry-max-time --sasl-authzid --service-name --socks4 "
     "--socks4a --socks5 --socks5-gssapi-service --socks5-hostname --speed-limit --speed-time "
     "--stderr --telnet-option --tftp-blksize --time-cond --tls-max --tls13-ciphers "
     "--tlspassword --tlsuser --trace --trace-ascii --trace-config --unix-socket --upload-file "
     "--url --url-query --user --user-agent --variable --vlan-priority --write-out",
     "*"},
    {"docker", "",
     "-H --host -c --context --config -l --log-level --tlscacert --tlscert --tlskey --root "
     "--connection --url --identity --runroot --storage-driver -n --namespace -a --address",
     "*"},
    {"docker", "build",
     "-t --tag -f --file --build-arg --target --platform --label -o --output --secret --ssh "
     "--cache-from --cache-to --network --progress --build-context --iidfile --metadata-file",
     "*"},
    {"docker", "compose",
     "-f --file -p --project-name --profile --env-file --project-directory --parallel "
     "--ansi --progress",
     ""},
    {"docker", "exec", "-e --env --env-file -w --workdir -u --user --detach-keys", "*"},
    {"docker", "push", "--platform --authfile --cert-dir --creds --format", "*"},
    {"docker", "run",
     "-a --attach --add-host --annotation --blkio-weight --cap-add --cap-drop --cgroup-parent "
     "--cgroupns --cidfile --cpus --cpuset-cpus -c --cpu-shares --device --detach-keys --dns -e "
     "--env --env-file --entrypoint --expose --gpus --group-add -h --hostname --health-cmd --ip "
     "--ipc -l --label --label-file --link --log-driver --log-opt --mac-address -m --memory "
     "--memory-swap --mount --name --network --net --network-alias --pid --pids-limit --platform "
     "-p --publish --pull --restart --runtime --security-opt --shm-size --stop-signal "
     "--stop-timeout --storage-opt --sysctl --tmpfs --ulimit -u --user --userns --uts -v --volume "
     "--volume-driver --volumes-from -w --workdir",
     "*"},
    {"doas", "", "-u -C -a", "*"},
    {"env", "", "-u --unset -C --chdir -S --split-string -a --argv0 --userspec --groups", "*"},
    {"exec", "", "-a", "*"},
    {"flock", "", "-w --wait --timeout -E --conflict-exit-code", "*"},
    {"gcloud", "",
     "--project --account --configuration --format --filter --verbosity --billing-project "
     "--impersonate-service-account --access-token-file --flags-file --flatten --region --zone "
     "--location --trace-token --member --role --condition",
     "-q --quiet --log-http -h --help --user-output-enabled --no-user-output-enabled --async"},
    {"gh", "", "-R --repo --hostname", "--help --version"},
    {"gh", "api",
     "-X --method -H --header -f --raw-field -F --field --input -q --jq -t --template --cache -p "
     "--preview --hostname",
     "*"},
    {"gh", "gist", "-d --desc -f --filename -a --add -r --remove -L --limit", "*"},
    {"gh", "pr",
     "-t --title -b --body -F --body-file -B --base -H --head -a --assignee -l --label -m "
     "--milestone -p --project -r --reviewer -T --template -q --jq -R --repo --json -L --limit "
     "-S --search -s --state -c --comment",
     "*"},
    {"gh", "release",
     "-n --notes -F --notes-file -t --title --target --discussion-category -R --repo", "*"},
    {"gh", "secret",
     "-b --body -e --env -f --env-file -o --org -r --repos -u --user -v --visibility -a --app -R "
     "--repo",
     "*"},
    {"git", "", "-C -c --git-dir --work-tree --namespace --super-prefix --config-env --attr-source",
     "*"},
    {"git", "branch", "-u --set-upstream-to --contains --no-contains --sort --points-at --format",
     "*"},
    {"git", "checkout", "-b -B --orphan --conflict --pathspec-from-file", "*"},
    {"git", "clean", "-e --exclude", "*"},
    {"git", "clone",
     "-b --branch -o --origin -u --upload-pack --reference --reference-if-able --depth "
     "--shallow-since --shallow-exclude -c --config --template --separate-git-dir -j --jobs "
     "--filter --server-option --bundle-uri --revision",
     "*"},
    {"git", "commit",
     "-m --message -F --file -C --reuse-message -c --reedit-message -t --template --author --date "
     "--fixup --squash --trailer --cleanup --pathspec-from-file",
     "*"},
    {"git", "config", "-f --file --blob --type --default --comment --value --url", "*"},
    {"git", "fetch",
     "--depth --deepen --shallow-since --shallow-exclude -o --server-option -j --jobs "
     "--upload-pack --refmap --negotiation-tip --filter",
     "*"},
    {"git", "pull",
     "--depth --deepen --shallow-since --shallow-exclude -o --server-option -j --jobs "
     "--upload-pack --refmap --negotiation-tip -s --strategy -X --strategy-option",
     "*"},
    {"git", "push", "-o --push-option --repo --receive-pack --exec --recurse-submodules", "*"},
    {"git", "rebase", "--onto -x --exec -s --strategy -X --strategy-option -C --whitespace", "*"},
    {"git", "reset", "--pathspec-from-file", "*"},
    {"git", "stash", "-m --message --pathspec-from-file", "*"},
    {"git", "tag",
     "-m --message -F --file -u --local-user --cleanup --sort --contains --points-at --format",
     "*"},
    {"gsutil", "", "-o -h -i -u", "*"},
    {"helm", "",
     "-n --namespace --kube-context --kubeconfig --kube-apiserver --kube-token --kube-as-user "
     "--kube-as-group --kube-ca-file --registry-config --repository-cache --repository-config "
     "--burst-limit --qps -f --values --set --set-string --set-file --set-json --version "
     "--timeout --repo --description --username --password --ca-file --cert-file --key-file "
     "--history-max --post-renderer -o --output",
     "*"},
    {"hf", "",
     "--token --repo-type --revision --cache-dir --local-dir --include --exclude "
     "--commit-message --commit-description --max-workers --num-workers",
     "*"},
    {"ionice", "", "-c --class -n --classdata -p --pid -P --pgid -u --uid", "*"},
    {"kubectl", "",
     "-n --namespace --context --cluster --user -s --server --kubeconfig --token --as --as-group "
     "--as-uid --request-timeout --cache-dir --certificate-authority --client-certificate "
     "--client-key --username --password --tls-server-name -v --v --profile --profile-output -l "
     "--selector -o --output -f --filename -k --kustomize --field-selector -c --container --type "
     "-p --patch --patch-file --image --replicas --from-literal --from-file --clusterrole --role "
     "--serviceaccount --group --verb --resource --resource-name --timeout --grace-period "
     "--field-manager --template --sort-by --since --tail --port --labels --overrides --env",
     "-A --all-namespaces -w --watch --all --force -i --stdin -t --tty -R --recursive "
     "--insecure-skip-tls-verify --match-server-version --warnings-as-errors --prune --wait --now "
     "--cascade --dry-run --server-side -h --help"},
    {"kubectl", "logs",
     "-n --namespace -c --container -l --selector --since --since-time --tail --context "
     "--kubeconfig",
     "*"},
    {"mysql", "",
     "-e --execute -h --host -P --port -u --user -D --database -S --socket --defaults-file "
     "--defaults-extra-file --init-command --default-character-set --protocol --ssl-ca",
     "*"},
    {"nice", "", "-n --adjustment", "*"},
    {"node", "",
     "-e --eval -p --print -r --require --import --loader --env-file -C --conditions --input-type",
     "*"},
    {"npm", "",
     "--prefix -C --registry --userconfig --globalconfig --cache --loglevel -w --workspace --tag "
     "--otp --access --scope --script-shell --omit --include --before --depth -p --package -c "
     "--call",
     "-g --global -D --save-dev --save -S -O -E --save-exact -f --force -y --yes -s --silent -d "
     "-q --quiet --production --legacy-peer-deps --no-audit --no-fund --no-save --ignore-scripts "
     "--dry-run --json --parseable -l --long -a --all --workspaces --if-present --offline "
     "--prefer-offline --no-optional --no-git-tag-version"},
    {"npx", "", "-p --package -c --call --cache --registry --userconfig -w --workspace", "*"},
    {"perl", "", "-e -E -I -F -C", "*"},
    {"php", "", "-r -d -c -f -B -R -F -E -S -t -z", "*"},
    {"pip", "",
     "--python --log --proxy --retries --timeout --exists-action --trusted-host --cert "
     "--client-cert --cache-dir --use-feature --use-deprecated -r --requirement -c --constraint "
     "-e --editable -t --target --platform --python-version --implementation --abi --root --prefix "
     "--src --upgrade-strategy -C --config-settings --global-option --progress-bar "
     "--root-user-action --report -i --index-url --extra-index-url -f --find-links --no-binary "
     "--only-binary -d --dest --format --exclude --path -o --output",
     "*"},
    {"pnpm", "",
     "-C --dir -F --filter --registry --tag --otp --access --reporter --loglevel --store-dir "
     "--package -c",
     "-r --recursive -w --workspace-root -g --global -D --save-dev -E --save-exact -s --silent "
     "--force --offline --prefer-offline --ignore-scripts --frozen-lockfile --no-git-checks "
     "--dry-run --json"},
    {"psql", "",
     "-c --command -d --dbname -f --file -v --set --variable -L --log-file -o --output -F "
     "--field-separator -P --pset -R --record-separator -T --table-attr -h --host -p --port -U "
     "--username",
     "*"},
    {"pulumi", "",
     "-C --cwd -s --stack --color -v --verbose --profiling -c --config --config-file -m --message "
     "-p --parallel -t --target --replace --target-replace",
     "*"},
    {"python", "", "-c -m -W -X --check-hash-based-pycs", "*"},
    {"rm", "", "", "*"},
    {"rsync", "",
     "-e --rsh --rsync-path --exclude --include --exclude-from --include-from --files-from -f "
     "--filter -T --temp-dir --compare-dest --copy-dest --link-dest --bwlimit --port "
     "--password-file --log-file -M --remote-option --partial-dir --backup-dir --suffix --chmod "
     "--chown --timeout --contimeout --out-format --max-size --min-size -B --block-size --info "
     "--debug --address --sockopts",
     "*"},
    {"ruby", "", "-e -r -I -C -E -F", "*"},
    {"scp", "", "-c -D -F -i -J -l -o -P -S -X", "*"},
    {"sh", "", "-o -O --rcfile --init-file", "*"},
    {"ssh", "", "-B -b -c -D -E -e -F -I -i -J -L -l -m -O -o -P -p -Q -R -S -W -w", "*"},
    {"stdbuf", "", "-i --input -o --output -e --error", "*"},
    {"su", "", "-c --command -s --shell -g --group -G --supp-group -u --user -T -w", "*"},
    {"sudo", "",
     "-u --user -g --group -h --host -p --prompt -C --close-from -R --chroot -D --chdir -T "
     "--command-timeout -U --other-user -r --role -t --type -a --auth-type",
     "*"},
    {"systemctl", "",
     "-t --type --state -p --property -P -H --host -M --machine -n --lines -o --output -s --signal "
     "--job-mode --kill-whom --kill-who --root --image --preset-mode --what --when --timestamp",
     "*"},
    {"terraform", "",
     "-var -var-file -target -state -state-out -out -backup -backend-config -lock-timeout "
     "-parallelism -replace -plugin-dir",
     "*"},
    {"time", "", "-f --format -o --output", "*"},
    {"timeout", "", "-k --kill-after -s --signal", "*"},
    {"uv", "",
     "-p --python --directory --project --config-file --cache-dir --color --index --default-index "
     "--index-url -i --extra-index-url --find-links -f --with --with-editable --with-requirements "
     "-w --extra --group --env-file --package --from --spec --publish-url -t --token -u --username "
     "--password -r --requirement -c --constraint -e --editable -m --module",
     "*"},
    {"vault", "", "-address -namespace -ca-cert -ca-path -client-cert -client-key -format", "*"},
    {"wget", "",
     "-O --output-document -o --output-file -a --append-output -P --directory-prefix -U "
     "--user-agent -t --tries -T --timeout -w --wait -Q --quota -A --accept -R --reject -D "
     "--domains -I --include-directories -X --exclude-directories -e --execute -i --input-file -B "
     "--base -l --level --post-data --post-file --body-data --body-file --method --header --user "
     "--password --http-user --http-password --referer --load-cookies --save-cookies "
     "--ca-certificate --certificate --private-key --limit-rate --bind-address --max-redirect",
     "*"},
    {"xargs", "",
     "-I -L -n -P -s -d -E -a --arg-file --delimiter --max-args --max-procs --max-chars "
     "--process-slot-var",
     "*"},
    {"yarn", "", "--cwd --registry --tag --access --otp --modules-folder --cache-folder -p", ""},
};

const ToolFacts* find_exactly(std::string_view name) {
  const auto same = std::ranges::find(kSame, name, [](const auto& each) { return each.first; });
  if (same != std::end(kSame)) name = same->second;
  const auto found = std::ranges::find(kTools, name, &ToolFacts::name);
  return found == std::end(kTools) ? nullptr : found;
}

// True if `words` are the first of `given`.
bool begins_with(std::string_view given, std::string_view words) {
  return given.starts_with(words) &&
         (words.empty() || given.size() == words.size() || given[words.size()] == ' ');
}

}  // namespace

std::string_view without_version(std::string_view name) {
  const std::size_t last = name.find_last_not_of("0123456789.-");
  return last == name.npos ? name : name.substr(0, last + 1);
}

const ToolFacts* find_tool(std::string_view name) {
  const ToolFacts* exact = find_exactly(name);
  return exact ? exact : find_exactly(without_version(name));
}

std::optional<bool> takes_value(const ToolFacts& tool, std::string_view words,
                                std::string_view option) {
  for (const bool general : {false, true}) {
    for (const Options& each : kOptions) {
      if (each.tool != tool.name || each.words.empty() != general) continue;
      if (general && !words.empty() && !tool.everywhere) continue;
      if (!begins_with(words, each.words)) continue;
      if (has_word(each.with_value, option)) return true;
      if (each.flags == "*" || has_word(each.flags, option)) return false;
    }
  }
  return std::nullopt;
}

}  // namespace stayd

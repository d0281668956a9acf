# Sourced by scripts/kernels: which Debian kernels there are. Besides this machine's own apt
# sources, later suites of the mirror that those name, with private lists below the cache; the
# machine's own stay as they are.
# shellcheck shell=bash disable=SC2154 # cache and name are common.sh's

# What apt-get and apt-cache have to be told: nothing for the machine's own lists.
lists=()

# The names by which suites are known whatever the current release is.
later_suites=(oldstable-backports stable stable-backports testing unstable experimental)
later=$cache/apt

# The archive's address as apt has it.
mirror() {
    apt-get indextargets --format "\$(REPO_URI)" 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' |
        head -n 1
}

write_configuration() {
    local suite archive=$1
    for suite in "${later_suites[@]}"; do
        echo "deb [target=Packages signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
            "$archive $suite main"
    done >"$later/sources.list"
    # The machine's own settings, proxies among them, hold here as well; its hooks do not run.
    cat >"$later/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::sourcelist "$later/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "$later/lists";
Dir::State::status "/dev/null";
Dir::Cache "$later/cache";
Acquire::Languages "none";
CONF
}

# Sets `lists` to the later suites; fails if the mirror has none. Lists of the last day are not
# fetched again, unless $1 is given.
use_later_suites() {
    local archive
    if [ -n "${1-}" ] || [ -z "$(find "$later/fetched" -mtime -1 2>/dev/null)" ]; then
        archive=$(mirror)
        [ -n "$archive" ] || return 1
        mkdir -p "$later/lists/partial" "$later/cache/archives/partial"
        write_configuration "$archive"
        # Fails if a single suite is missing; the others are there all the same.
        apt-get -qq -c "$later/apt.conf" -o APT::Sandbox::User="$(id -un)" update >"$later/update.log" 2>&1 ||
            true
        [ -n "$(find "$later/lists" -name '*_Packages*')" ] || return 1
        touch "$later/fetched"
    fi
    lists=(-c "$later/apt.conf")
}

depends() {
    apt-cache "${lists[@]}" show --no-all-versions "$1" | sed -n 's/^Depends: //p' | sed 's/[, ]\+/\n/g'
}

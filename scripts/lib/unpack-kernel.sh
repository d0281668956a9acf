# Sourced by scripts/kernels: downloads a Debian kernel and unpacks it, without installing it.
# shellcheck shell=bash disable=SC2154 # of common.sh, suites.sh and scripts/kernels

kernels=$cache/kernels
PATH=$PATH:/sbin:/usr/sbin

# The ELF image inside a bzImage boots by PVH, without the firmware and the decompressor, which
# cost about a second under emulation.
extract_vmlinux() {
    local offset length tool
    field() { od -An -v -t"u$2" -j "$1" -N "$2" "$3" | tr -d ' '; }
    offset=$((($(field 497 1 "$1") + 1) * 512 + $(field 584 4 "$1")))
    length=$(($(field 588 4 "$1") - 4))
    tail -c "+$((offset + 1))" "$1" | head -c "$length" >"$2.packed" || [ -s "$2.packed" ]
    for tool in 'zstd -dc' 'lz4 -dc' 'xz -dc --single-stream' 'gzip -dc'; do
        # shellcheck disable=SC2086 # a command and its options
        $tool <"$2.packed" >"$2" 2>/dev/null && rm "$2.packed" && return
    done
    die "$1: unknown compression"
}

# Since 6.18 an image depends on linux-{base,binary,modules}-RELEASE, which hold the files.
parts() {
    echo "linux-image-$1"
    depends "linux-image-$1" |
        grep -xF -e "linux-base-$1" -e "linux-binary-$1" -e "linux-modules-$1" | sort -u || true
}

# A part that is in no list any more, from where it lay.
download_unlisted() {
    local version deb
    if [ -z "$unverified" ]; then
        echo "$1: no longer in the mirror's signed lists; see --unverified in scripts/kernels --help"
        return 1
    fi
    version=$(apt-cache "${lists[@]}" show --no-all-versions "linux-image-$2" | sed -n 's/^Version: //p')
    deb=${1}_${version}_amd64.deb
    /usr/lib/apt/apt-helper download-file "$(mirror)pool/main/l/linux/$deb" "$deb"
}

download() {
    local package
    for package in $(parts "$1"); do
        if [ -n "$(apt-cache "${lists[@]}" show "$package" 2>/dev/null)" ]; then
            apt-get -qq "${lists[@]}" -o APT::Sandbox::User=root -o Acquire::Retries=3 \
                download "$package" || return
        else
            download_unlisted "$package" "$1" || return
        fi
    done
}

refresh_lists() {
    if [ ${#lists[@]} = 0 ]; then as_root apt-get -qq update; else use_later_suites again; fi
}

# Into $kernels/RELEASE, whole or not at all. Run it in a shell of its own.
unpack() {
    local release=$1 part=$kernels/.$1.$$ deb
    mkdir -p "$part/debs"
    # shellcheck disable=SC2064 # the name as it is now
    trap "rm -rf '$part'" EXIT
    cd "$part/debs" || return
    if ! download "$release" >"$part/apt.log" 2>&1; then
        refresh_lists >>"$part/apt.log" 2>&1 || true # they may be out of date
        download "$release" >>"$part/apt.log" 2>&1 ||
            { tail -n 20 "$part/apt.log" >&2; die "cannot download $release"; }
    fi
    for deb in *.deb; do dpkg-deb -x "$deb" "$part"; done
    cd "$part" || return
    [ -d lib ] || ln -s usr/lib lib
    extract_vmlinux "$(ls -d "boot/vmlinuz-$release" "usr/lib/modules/$release/vmlinuz" 2>/dev/null)" vmlinux
    depmod -b "$part" "$release"
    rm -rf debs usr/share apt.log
    # Another run may have been quicker; its result is as good.
    mv -T "$part" "$kernels/$release" 2>/dev/null || [ -d "$kernels/$release" ]
}

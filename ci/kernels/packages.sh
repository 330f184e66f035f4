# shellcheck shell=bash
# The Debian packages that the kernel matrix is built from: which, in which version, and how they are fetched.
# Source it; it brings ci/lib.sh and ci/private-apt.sh along.
#
# ci/kernels/lock has a line per package: what it is for (a kernel's name, or the file beside this one that asks for
# it), suite, package, version, SHA-256. Fetched packages stay in .cache/kernels/packages under the names that the lock
# gives them, so that nothing is fetched twice, and a machine that has them all needs no mirror.

# shellcheck source=ci/private-apt.sh
source "$(dirname "${BASH_SOURCE[0]}")/../private-apt.sh"

kernels=$project/ci/kernels
kernel_cache=$cache/kernels
package_cache=$kernel_cache/packages
tools_suite=trixie
index=$package_cache/index

# Prints the lines of $1 that aren't comments or empty.
content_of() { sed -E '/^[[:space:]]*(#|$)/d' "$1"; }

# Prints the matrix without its blanks and comments: name|suite|package|floor|what it stands for.
matrix_lines() { content_of "$kernels/matrix" | sed -E 's/ *\| */|/g'; }

# Prints the names of the kernels for architecture $1.
kernel_names() { matrix_lines | awk -F '|' -v ending="-$1\$" '$3 ~ ending {print $1}'; }

# Prints the architecture of what is locked for $1. What runs in a guest is of the guest's, all else of this machine's.
architecture_of() {
    local package
    case $1 in
        guest-*) package=$1 ;;
        *) package=$(pattern_for "$1" -amd64) ;;
    esac
    echo "${package##*-}"
}

# Follows Debian's suite $1 for architecture $2, and lists in $index what it has: a line of name, version and hash per
# package.
open_debian_suite() {
    # shellcheck disable=SC2034 # for private-apt.sh
    private_apt_architecture=$2
    open_suite debian-archive-keyring.gpg "$1" ||
        die "Debian's suite $1 is on none of the mirrors in this machine's apt sources, or can't be reached
(apt's own words: $private_apt_dir/update.log)."
    mkdir -p "$package_cache"
    private_apt apt-cache dumpavail |
        awk '$1 == "Package:" {name = $2} $1 == "Version:" {version = $2} $1 == "SHA256:" {print name, version, $2}' >"$index"
}

# Prints the opened suite's line for package $1, or for the newest whose name matches it (* stands for anything).
in_suite() {
    local expression
    expression=^$(sed -e 's/[.+]/\\&/g' -e 's/\*/[^ ]*/' <<<"$1")' '
    grep -E "$expression" "$index" | sort -V | tail -n 1
}

# Where the package of a line of the lock is kept.
cached_package() { echo "$package_cache/$1_${2//:/%3a}_${3:0:12}.deb"; }

# Prints the pattern by which another version of package $2, locked for $1, is found.
pattern_for() {
    matrix_lines | awk -F '|' -v name="$1" -v package="$2" '$1 == name {package = $3} END {print package}'
}

# Prints the lines of the lock for the given uses.
locked_lines() { content_of "$kernels/lock" | awk -v wanted=" $* " 'index(wanted, " " $1 " ")'; }

# fetch_locked FOR…: sees to it that all packages that are locked for these are in the cache.
fetch_locked() {
    local sources source architecture suite missing
    mapfile -t sources < <(missing_packages "$@" | cut -d ' ' -f 1,3 | sort -u)
    for source in "${sources[@]}"; do
        read -r architecture suite <<<"$source"
        missing=$(missing_packages "$@" | sed -n "s/^$architecture \\([^ ]* $suite \\)/\\1/p")
        say "Fetching $(wc -l <<<"$missing") packages of Debian's suite $suite…"
        open_debian_suite "$suite" "$architecture"
        fetch_from_opened_suite <<<"$missing"
    done
}

# Prints those lines of the lock for the given uses whose packages aren't in the cache, after their architecture.
missing_packages() {
    local use suite package version hash
    while read -r use suite package version hash; do
        if [[ ! -e $(cached_package "$package" "$version" "$hash") ]]; then
            echo "$(architecture_of "$use") $use $suite $package $version $hash"
        fi
    done < <(locked_lines "$@")
}

# Reads lines of the lock, and fetches their packages. Where the suite has dropped a locked version, the newest there
# stands in for it: under its own name, with a link from the locked one's.
fetch_from_opened_suite() {
    local use suite package version hash found download wanted=() files=() hashes=() i
    while read -r use suite package version hash; do
        if ! grep -qxF "$package $version $hash" "$index"; then
            found=$(in_suite "$(pattern_for "$use" "$package")")
            [[ $found ]] || die "Debian's suite $suite has nothing any more that matches $(pattern_for "$use" "$package"):
change ci/kernels/matrix (or tools), and run ci/kernels/update-lock."
            say "$suite has dropped $package $version: $found stands in. ci/kernels/update-lock locks that."
            i=$(cached_package "$package" "$version" "$hash")
            read -r package version hash <<<"$found"
            ln -sfn "$(basename "$(cached_package "$package" "$version" "$hash")")" "$i"
        fi
        wanted+=("$package=$version")
        files+=("$(cached_package "$package" "$version" "$hash")")
        hashes+=("$hash")
    done
    download=$(mktemp -d "$package_cache/.download.XXXXXX")
    (cd "$download" && private_apt apt-get -qq download "${wanted[@]}") >&2
    for i in "${!wanted[@]}"; do
        # apt's name for it: epochs are escaped.
        found=$(echo "$download/${wanted[i]%%=*}_"*.deb)
        sha256sum --check --status <<<"${hashes[i]}  $found" || die "$found hasn't the hash that was promised."
        mv "$found" "${files[i]}"
    done
    rmdir "$download"
}

# Prints the files of all packages that are locked for the given uses.
locked_packages() {
    local package version hash
    while read -r _ _ package version hash; do
        readlink -f "$(cached_package "$package" "$version" "$hash")"
    done < <(locked_lines "$@")
}

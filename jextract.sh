#!/usr/bin/env bash
# Regenerates src/generated/java, the bindings to io_uring and the little of libc that is used, from native-headers/.
#
#   jextract.sh           writes src/generated/java
#   jextract.sh --check   fails, with the difference, if src/generated/java isn't what would be written
#
# It needs jextract for JDK 25, from JEXTRACT_HOME or PATH, and the kernel headers that native-headers/uapi-version
# pins (ci/uapi-headers fetches them).
#
# The prototypes of libc come from the machine's glibc headers, and what is committed was read with glibc 2.36
# (Debian 12). Another glibc gives the same values, layouts and functions, all of them stable ABI, but not the same
# text: a constant that both glibc and the kernel define stands where it was first seen (RWF_ATOMIC moves with glibc
# 2.41), and an unnamed union is called after its line in glibc's header (in6_addr). So --check is for that glibc; the
# layout test is what compares the bindings with any machine's headers.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
bindings=$project/src/generated/java

die() {
    printf '%s\n' "jextract.sh: $2" >&2
    exit "$1"
}

case $* in
    '' | --check) ;;
    *) die 2 'usage: jextract.sh [--check]' ;;
esac

if [[ ${JEXTRACT_HOME-} ]]; then
    jextract=$JEXTRACT_HOME/bin/jextract
else
    jextract=$(type -P jextract) || jextract=jextract
fi
[[ -x $jextract ]] || die 2 "$jextract not found. Get jextract for JDK 25 from https://jdk.java.net/jextract,
unpack it, and set JEXTRACT_HOME to its directory or add its bin to PATH."

# The shared bindings are read with x86-64's types and libc, so that everybody's output is the same.
[[ $(uname -m) == x86_64 ]] || die 2 'the bindings are generated on x86-64 only (for all architectures).'

uapi=$("$project/ci/uapi-headers")

# On the same file system as the bindings, so that they can be replaced by renaming.
mkdir -p "$project/.cache"
scratch=$(mktemp -d "$project/.cache/jextract.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
output=$scratch/java

# Runs jextract for architecture $1. glibc and the kernel define some macros both, alike: that is no news.
run_jextract() {
    local log=$scratch/log status=0
    "$jextract" -I "$uapi" -I "$uapi/$1-linux-gnu" --output "$output" "${@:2}" &>"$log" || status=$?
    grep -v 'macro redefined' "$log" >&2 || true
    if ((status != 0)) || grep -Eq '(^|[ :])(fatal )?error:' "$log"; then
        die 1 'jextract failed, see above.'
    fi
}

cd "$project/native-headers"
run_jextract x86_64 @symbols.txt --header-class-name Abi -t io.uring4j.abi uring4j.h

# jextract takes compiler options from a compile_flags.txt in the directory where it runs.
for architecture in x86_64 aarch64; do
    mkdir "$scratch/$architecture"
    cd "$scratch/$architecture"
    printf '%s\n' -target "$architecture-linux-gnu" >compile_flags.txt
    run_jextract "$architecture" @"$project/native-headers/symbols-arch.txt" \
        --header-class-name Arch -t "io.uring4j.abi.$architecture" "$project/native-headers/uring4j-arch.h"
done
cd "$project"

# jextract passes silently over a listed name that the headers don't have. (A variadic function becomes a class.)
listed=$(awk '$1 ~ /^--include-/ {print $2}' native-headers/symbols.txt native-headers/symbols-arch.txt | sort -u)
bound=$(grep -rhE '^(public class|    public static) ' "$output" | sed -E 's/[({].*//; s/ *$//; s/ extends .*//; s/.* //' | sort -u)
missing=$(comm -23 <(echo "$listed") <(echo "$bound"))
[[ ! $missing ]] || die 1 "listed in native-headers, but not in the headers: ${missing//$'\n'/ }"

if [[ $* == --check ]]; then
    diff -ru "$bindings" "$output" >&2 ||
        die 1 "src/generated/java is not what native-headers/ gives, see above. Run jextract.sh.
(Only order and unnamed unions? Then it is the glibc: $(getconf GNU_LIBC_VERSION) here, 2.36 there.)"
    exit 0
fi

# Two renames, so that nobody ever sees old and new files mixed.
mkdir -p "$bindings"
mv "$bindings" "$scratch/old"
mv "$output" "$bindings"

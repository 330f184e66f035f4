# shellcheck shell=bash
# What the scripts in ci/ share. Source it; it sets $project and $cache.

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# Fetched things live here: git ignores it and `mvn clean` leaves it alone.
# shellcheck disable=SC2034 # used by those who source this
cache=$project/.cache

# A bare machine has the POSIX locale, in which a JVM can't name files beyond ASCII.
[[ $(locale charmap 2>/dev/null) == UTF-8 ]] || export LC_ALL=C.UTF-8

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# The oldest JDK that serves, as in pom.xml.
jdk_needed=25

# Prints the feature release (25) of the JDK in directory $1; fails when that is no complete, released JDK.
jdk_release() {
    [[ -x $1/bin/java && -x $1/bin/javac && -r $1/release ]] || return 1
    # Early-access builds say so: JAVA_RUNTIME_VERSION="27-ea+3".
    ! grep -q '^JAVA_RUNTIME_VERSION=.*-ea' "$1/release" || return 1
    local release
    release=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
    [[ $release ]] && echo "$release"
}

# Succeeds when directory $1 holds a JDK that is new enough.
jdk_serves() {
    local release
    release=$(jdk_release "$1") && ((release >= jdk_needed))
}

# How long the tests may take where they boot kernels, which have limits of their own and say more when these are met:
# so this is for the worst case, of all of them one after the other.
# shellcheck disable=SC2034 # used by those who source this
long_limit=-DtestSeconds=7200

# Sets maven_options and MAVEN_OPTS for runs without noise.
use_quiet_maven() {
    # Maven 3's own libraries use what JDK 25 warns about (jansi: native access; guava: Unsafe).
    export MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS-}"
    # shellcheck disable=SC2034 # used by those who source this
    maven_options=(--no-transfer-progress)
    if [[ ${CI-} && $CI != false ]]; then
        maven_options+=(--batch-mode --show-version)
    fi
    if [[ ! -d ${HOME-}/.m2/repository/org/junit ]]; then
        say 'Maven downloads its plugins first, silently: allow it a minute or two.'
    fi
}

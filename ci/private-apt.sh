# shellcheck shell=bash
# Fetches packages from suites that the machine's apt doesn't follow, without root and without touching its
# configuration: apt runs on a state directory of its own in .cache/apt, and unpacks nothing. Signatures are
# checked as ever. Source it; it brings lib.sh along.

# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

private_apt_dir=$cache/apt
# Whose packages are fetched; empty: the machine's own.
private_apt_architecture=

# Prints the mirrors that this machine takes main packages from, one a line. apt itself reads its sources, so
# that every format of them is understood.
apt_mirrors() {
    # shellcheck disable=SC2016 # apt's variables, not the shell's
    apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        awk '$3 == "main" && $2 !~ /security/ && !seen[$1]++ {print $1}'
}

# Runs apt-get or apt-cache on the private state.
private_apt() {
    APT_CONFIG=$private_apt_dir/first.conf LC_ALL=C "$@"
}

# open_suite KEYRING SUITE [COMPONENT…]: makes the private state follow that suite, from the first of the
# machine's mirrors that has it.
open_suite() {
    local keyring=/usr/share/keyrings/$1 suite=$2 components=${*:3}
    local log=$private_apt_dir/update.log mirror
    command -v apt-get >/dev/null && [[ -r $keyring ]] || return 1
    mkdir -p "$private_apt_dir"/{lists,archives}/partial
    if [[ ! ${private_apt_lock-} ]]; then
        exec {private_apt_lock}>"$private_apt_dir/lock"
        flock "$private_apt_lock"
    fi
    write_private_configuration
    echo "No mirror of main packages in this machine's apt sources." >"$log"
    for mirror in $(apt_mirrors); do
        echo "deb [signed-by=$keyring] $mirror $suite ${components:-main}" >"$private_apt_dir/sources.list"
        if private_apt apt-get -qq update &>"$log"; then
            return 0
        fi
    done
    return 1
}

# apt reads APT_CONFIG first, then the machine's apt.conf.d (whose proxies are wanted, but not its hooks), and
# Dir::Etc::main last; so the latter has the final say.
write_private_configuration() {
    local dir=$private_apt_dir
    cat >"$dir/first.conf" <<-EOF
		Dir::Etc::main "$dir/last.conf";
	EOF
    if [[ -r /etc/apt/apt.conf ]]; then
        echo '#include "/etc/apt/apt.conf";'
    fi >"$dir/last.conf"
    cat >>"$dir/last.conf" <<-EOF
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		Dir::Etc::sourcelist "$dir/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		Dir::State "$dir";
		Dir::State::lists "$dir/lists";
		Dir::State::status "$dir/status";
		Dir::Cache "$dir";
		Dir::Cache::pkgcache "";
		Dir::Cache::srcpkgcache "";
		Acquire::Languages "none";
		Acquire::PDiffs "false";
		// Suites like stable and sid move on.
		Acquire::AllowReleaseInfoChange "true";
		// Root's apt downloads as another user, who may not be allowed to write in the project.
		APT::Sandbox::User "$(id -un)";
		// Without this, an unreachable mirror would be no error.
		APT::Update::Error-Mode "any";
	EOF
    if [[ $private_apt_architecture ]]; then
        cat >>"$dir/last.conf" <<-EOF
			APT::Architecture "$private_apt_architecture";
			#clear APT::Architectures;
			APT::Architectures { "$private_apt_architecture"; };
		EOF
    fi
    : >"$dir/status"
}

# fetch_packages DIRECTORY PACKAGE[=VERSION]…: downloads them from the opened suite and unpacks them there.
fetch_packages() {
    local target=$1 deb
    shift
    rm -rf "$private_apt_dir/archives"
    mkdir -p "$private_apt_dir/archives/partial" "$target"
    (cd "$private_apt_dir/archives" && private_apt apt-get -qq download "$@") >&2
    for deb in "$private_apt_dir"/archives/*.deb; do
        dpkg-deb -x "$deb" "$target"
    done
    rm -rf "$private_apt_dir/archives"
}

# Prints the versions of package $1 in the opened suite, newest first.
package_versions() {
    private_apt apt-cache madison "$1" 2>/dev/null | awk -F '|' '{gsub(/ /, "", $2); print $2}'
}

# Prints the name of the opened suite.
opened_suite() {
    awk '{print $4}' "$private_apt_dir/sources.list"
}

# What `run` and `test` share: a virtual environment in the checkout, and system packages.
# Sourced, never run. Everything that it says goes to standard error.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
venv="$root/.venv"

# Shared library and the Debian package that has it: what the wheels of Qt, OpenCV and PyAV
# load and do not bring along (read off them with objdump).
core_libraries=(
    libGL.so.1:libgl1
    libgthread-2.0.so.0:libglib2.0-0
    libxcb.so.1:libxcb1
)
window_libraries=(
    libEGL.so.1:libegl1
    libX11-xcb.so.1:libx11-xcb1
    libdbus-1.so.3:libdbus-1-3
    libfontconfig.so.1:libfontconfig1
    libgssapi_krb5.so.2:libgssapi-krb5-2
    libxcb-cursor.so.0:libxcb-cursor0
    libxcb-glx.so.0:libxcb-glx0
    libxcb-icccm.so.4:libxcb-icccm4
    libxcb-image.so.0:libxcb-image0
    libxcb-keysyms.so.1:libxcb-keysyms1
    libxcb-randr.so.0:libxcb-randr0
    libxcb-render.so.0:libxcb-render0
    libxcb-render-util.so.0:libxcb-render-util0
    libxcb-shape.so.0:libxcb-shape0
    libxcb-shm.so.0:libxcb-shm0
    libxcb-sync.so.1:libxcb-sync1
    libxcb-xfixes.so.0:libxcb-xfixes0
    libxcb-xkb.so.1:libxcb-xkb1
    libxkbcommon.so.0:libxkbcommon0
    libxkbcommon-x11.so.0:libxkbcommon-x11-0
)

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "$(basename "$0"): $*"
    exit 1
}

# missing_libraries LIBRARY:PACKAGE… - the packages of those that are not installed.
missing_libraries() {
    local known pair
    [ "$(uname -s)" = Linux ] || return 0
    known="$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p)"
    for pair in "$@"; do
        [[ "$known" == *$'\t'"${pair%%:*} "* ]] || printf '%s\n' "${pair#*:}"
    done
}

# as_root COMMAND… - with root or a sudo that asks nothing.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# s: a fresh Ubuntu updates itself in its first minutes, over a slow line in its first half hour.
package_manager_patience=1800

# apt_get ARGUMENT… - waits while somebody else has one of the package manager's three locks
# (apt's own option for it, DPkg::Lock::Timeout, leaves the lock on the lists out), and ends first
# what was interrupted before.
apt_get() {
    local deadline=$((SECONDS + package_manager_patience)) waiting="" mended="" status errors
    while true; do
        status=0
        # In English, whoever asks: the reason of a failure is known by its words alone.
        { errors="$(as_root env LC_ALL=C DEBIAN_FRONTEND=noninteractive \
            apt-get "$@" 2>&1 >&3)"; } 3>&2 || status=$?
        if [[ "$status" -ne 0 && "$errors" == *"Could not get lock"* && "$SECONDS" -lt "$deadline" ]]
        then
            [ -n "$waiting" ] || say "Somebody else is using the package manager; waiting until it is free …"
            waiting=yes
            sleep 2
        elif [[ "$status" -ne 0 && "$errors" == *"dpkg --configure -a"* && -z "$mended" ]]; then
            say "The package manager was interrupted before; ending what it began (dpkg --configure -a) …"
            mended=yes
            as_root env DEBIAN_FRONTEND=noninteractive dpkg --configure -a </dev/null >&2 || true
        else
            [ -z "$errors" ] || say "$errors"
            return "$status"
        fi
    done
}

# install_packages PACKAGE… - or, where nobody may without a question, name them and end.
install_packages() {
    local wanted="apt-get install $*"
    [ "$#" -gt 0 ] || return 0
    command -v apt-get >/dev/null || fail "these libraries are missing (Debian's names): $*"
    as_root true 2>/dev/null || fail "please install what is missing: sudo $wanted"
    say "Installing $* …"
    apt_get update -qq || say "apt-get update failed; trying without it"
    apt_get install -y -qq --no-install-recommends "$@" || fail "failed: $wanted"
}

find_python() {
    local name
    for name in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s\n' "$name"
            return
        fi
    done
    fail "Python 3.11 or newer is needed"
}

# prepare_venv [test] - the project and what it needs, in .venv, in the releases of requirements/
# and no others. A stamp of everything that decides over its content makes this a matter of
# milliseconds from the second time on.
prepare_venv() {
    local purpose="${1:-run}" stamp="$venv/.installed${1:+-$1}" python content
    content="$root $(wanted_content)"
    [ "$content" != "$(cat "$stamp" 2>/dev/null)" ] || return 0
    python="$(find_python)"
    "$python" -c 'import ensurepip, venv' 2>/dev/null || install_packages python3-venv
    say "Preparing the virtual environment in $venv …"
    "$venv/bin/python" -c 'import pip' 2>/dev/null || "$python" -m venv --clear "$venv"
    pip_install --require-hashes --requirement "$root/requirements/$purpose.txt"
    # What builds it was pinned and installed with the rest, so nothing is fetched here.
    pip_install --no-deps --no-build-isolation --editable "$root"
    printf '%s\n' "$root $(wanted_content)" | tee "$venv/.installed" >"$stamp"
}

wanted_content() {
    cat "$root/pyproject.toml" "$root"/requirements/*.txt | cksum
    "$venv/bin/python" -V 2>/dev/null || true
}

pip_install() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >&2 ||
        fail "the installation failed"
}

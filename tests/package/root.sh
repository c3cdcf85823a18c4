# SPDX-License-Identifier: BSD-3-Clause
# For try_package, try_unit and try_distro: a minimal Debian ($suite, else 12) below $root, the demo archive outside, a user in it.
# shellcheck shell=bash

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
target=156.01124674021+48.14753874736
demo_pid=

fail() { echo "FAILED: $*" >&2; exit 1; }
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }
as_ada() { chroot --userspec=ada:ada "$root" env -i PATH=/usr/bin:/bin HOME=/home/ada "$@"; }

# Devices as udev makes them, whatever those outside are.
make_devices() {
  mount -t proc proc "$root/proc"
  mount -t tmpfs -o mode=755 dev "$root/dev"
  local device name major minor
  for device in null:1:3 zero:1:5 random:1:8 urandom:1:9 fuse:10:229; do
    IFS=: read -r name major minor <<<"$device"
    mknod -m 666 "$root/dev/$name" c "$major" "$minor"
  done
  ln -s /proc/self/fd "$root/dev/fd"
  mkdir -m 1777 "$root/dev/shm"
  mkdir "$root/dev/pts"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
}

# make_root [PACKAGES]: unless it is there.
make_root() {
  [ -d "$root/usr" ] || debootstrap --variant=minbase ${1:+--include="$1"} "${suite:-bookworm}" "$root" "$mirror" >"$work/debootstrap.log"
  mount --bind "$root" "$root"  # a mount point of its own, as the tests with namespaces want it
  mount --make-private "$root"
  make_devices
  cp /etc/resolv.conf "$root/etc/"
  ln -sf ../proc/self/mounts "$root/etc/mtab"          # as in every Debian that was booted; fusermount3 wants it
  [ -z "${package:-}" ] || cp "$package" "$root/root/"
}

start_demo() {
  "$demo" --port 0 --file-port 0 --state "$work/state" --json >"$work/demo.json" &
  demo_pid=$!
  until grep -q '"tap"' "$work/demo.json"; do kill -0 $demo_pid || fail "the demo archive did not start"; sleep 0.1; done
  tap=$(sed -n 's/.*"tap":"\([^"]*\)".*/\1/p' "$work/demo.json")
}

install_package() {
  inside apt-get install -y -q --no-install-recommends "/root/$(basename "$package")" >>"$work/apt.log" ||
    { tail -n 20 "$work/apt.log"; fail "apt-get install"; }
}

add_ada() {
  inside useradd -m ada
  mkdir -p "$root/home/ada/.config/platefs"
  printf 'archives = ["demo"]\n[archive.demo]\nurl = "%s"\n' "$tap" >"$root/home/ada/.config/platefs/config.toml"
  inside chown -R ada:ada /home/ada
}

clean() {
  local mounted
  for mounted in home/ada/plates mnt/plates dev/pts dev proc; do umount -l "$root/$mounted" 2>/dev/null || true; done
  umount -l "$root" 2>/dev/null || true
  [ -z "$demo_pid" ] || kill "$demo_pid"
  rm -rf --one-file-system "$work"
}

#!/bin/bash
# Sets Muniment up on a bare Debian machine, behind nginx with TLS: scripts/deploy/install.sh contracts.firm.example
# It may be run again at any time, to bring the machine up to date: settings, certificate, keys and contracts stay as they are.
set -euo pipefail

name=${1:-}
if [[ ! $name =~ ^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$ ]]; then
    echo "usage: $0 NAME, the name under which assistants will reach this machine (contracts.firm.example)" >&2
    exit 2
fi
# Where the machine's file system begins; only tests set it.
root=${MUNIMENT_INSTALL_ROOT:-}
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
house=$root/opt/muniment
torch=${TORCH:-torch==2.13.0}

say() { printf '== %s\n' "$*"; }

put() { # put MODE FILE < text: write a file only where it differs
    local mode=$1 file=$2 new
    new=$(mktemp)
    cat >"$new"
    mkdir -p "$(dirname "$file")"
    cmp -s "$new" "$file" || install -m "$mode" "$new" "$file"
    rm -f "$new"
}

say "packages"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    python3 python3-venv nginx openssl ca-certificates logrotate >/dev/null

say "user and folders"
id -u muniment >/dev/null 2>&1 || useradd --system --home-dir /var/lib/muniment --shell /usr/sbin/nologin muniment
install -d -m 0755 "$root/etc/muniment" "$root/srv/contracts"
install -d -m 0700 -o muniment -g muniment "$root/var/lib/muniment"
install -d -m 0750 -o muniment -g muniment "$root/var/log/muniment"
[[ -e $root/var/log/muniment/server.log ]] || install -m 0640 -o muniment -g muniment /dev/null "$root/var/log/muniment/server.log"

say "program"
if [[ $source != "$house" ]]; then
    mkdir -p "$house"
    (cd "$source" && tar -c --exclude=./.venv --exclude=./data --exclude=./.git .) | tar -x -C "$house"
fi
[[ -x $house/.venv/bin/python ]] || python3 -m venv "$house/.venv"
# The CPU's build of torch; the package index's own would bring gigabytes for graphics cards. A machine that has the build at hand
# (PIP_FIND_LINKS, or TORCH=/path/to/its.whl) and does not reach that index sets PIP_EXTRA_INDEX_URL to nothing.
"$house/.venv/bin/python" -c 'import torch' 2>/dev/null ||
    PIP_EXTRA_INDEX_URL=${PIP_EXTRA_INDEX_URL-https://download.pytorch.org/whl/cpu} "$house/.venv/bin/pip" install --quiet "$torch"
"$house/.venv/bin/pip" install --quiet --editable "$house"

say "settings"
if [[ ! -e $root/etc/muniment/muniment.env ]]; then
    sed "s/contracts\.firm\.example/$name/g" "$here/muniment.env" | put 0600 "$root/etc/muniment/muniment.env"
fi
put 0755 "$root/usr/local/bin/muniment" <<'END'
#!/bin/sh
# The `muniment` command with the machine's settings, as the user whose index it is.
set -a
[ -r /etc/muniment/muniment.env ] && . /etc/muniment/muniment.env
set +a
cd /opt/muniment && exec runuser -u muniment -- /opt/muniment/.venv/bin/muniment "$@"
END

say "certificate"
tls=$root/etc/muniment/tls
if [[ ! -e $tls/fullchain.pem ]]; then
    install -d -m 0700 "$tls"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj "/CN=$name" \
        -addext "subjectAltName=DNS:$name" -keyout "$tls/privkey.pem" -out "$tls/fullchain.pem" 2>/dev/null
    chmod 0600 "$tls/privkey.pem"
    say "made a certificate that nobody else trusts, for 90 days: put the firm's own, or certbot's, into /etc/muniment/tls"
fi

say "services"
for unit in muniment.service:muniment.service sync.service:muniment-sync.service sync.timer:muniment-sync.timer \
    sync.full.service:muniment-sync-full.service sync.full.timer:muniment-sync-full.timer; do
    put 0644 "$root/etc/systemd/system/${unit##*:}" <"$here/${unit%%:*}"
done
put 0644 "$root/etc/logrotate.d/muniment" <"$here/logrotate"
sed "s/contracts\.firm\.example/$name/g" "$here/nginx.conf" | put 0644 "$root/etc/nginx/sites-enabled/muniment.conf"
nginx -t -q
systemctl daemon-reload
systemctl enable --quiet nginx muniment
systemctl reload-or-restart nginx

if [[ -e $root/var/lib/muniment/keys.json ]]; then
    systemctl reload-or-restart muniment
    say "done: https://$name/mcp"
else
    say "done. Next: put contracts into /srv/contracts, then: muniment ingest; muniment key add NAME; systemctl start muniment"
fi

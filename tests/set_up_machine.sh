#!/bin/sh
# The browser, the database server and nginx for the tests: those of the machine, else Debian's packages, else
# Playwright's own browser. Tests that still find none are skipped and say so.
set -u
python=$1

install() {
    command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || return 1
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >/dev/null 2>&1 && return 0
    apt-get -qq update >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >/dev/null
}

if ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
    install chromium || "$python" -m playwright install chromium || echo "no browser: browser tests will be skipped"
fi
if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null; then
    install postgresql || echo "no PostgreSQL server: its tests will be skipped"
fi
if ! command -v nginx >/dev/null && [ ! -x /usr/sbin/nginx ]; then
    install nginx-light openssl || echo "no nginx: its tests will be skipped"
fi
exit 0

"""Apache httpd, by its event and prefork processing modules.

MaxKeepAliveRequests 0 takes its own limit out of the way.
"""

from servers.description import CHILDREN_COME_AND_GO, LEAVES_WHEN_CROWDED, Log, Server

MODULES = "/usr/lib/apache2/modules"

SPARES = {CHILDREN_COME_AND_GO: "it keeps a number of spare children and ends the others"}


def by(module):
    def command(place):
        path = place.write("apache.conf", f"""
ServerRoot "{place.scratch}"
LoadModule mpm_{module}_module {MODULES}/mod_mpm_{module}.so
LoadModule authz_core_module {MODULES}/mod_authz_core.so
ServerName localhost
Listen 127.0.0.1:{place.port}
PidFile {place.scratch}/apache.pid
DefaultRuntimeDir {place.scratch}
Mutex file:{place.scratch}
ErrorLog /dev/stderr
LogFormat "%r" line
CustomLog {place.log("access.log")} line
KeepAlive On
KeepAliveTimeout 60
MaxKeepAliveRequests 0
ServerLimit 256
MaxRequestWorkers 250
User www-data
Group www-data
DocumentRoot {place.www}
""")
        return ["apache2", "-d", str(place.scratch), "-f", str(path), "-DFOREGROUND"]
    return command


def apache(module, quirks):
    return Server(f"apache-{module}", packages=("apache2-bin",),
                  needs=("apache2", f"{MODULES}/mod_mpm_{module}.so"), command=by(module),
                  count=Log("access.log"), continues=True,
                  volatile=frozenset({b"allow"}),  # in another order each time it starts
                  quirks=SPARES | quirks)


servers = [
    apache("event", {LEAVES_WHEN_CROWDED: "it closes kept connections when its threads are busy"}),
    apache("prefork", {}),
]

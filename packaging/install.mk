# make install: lays out what was built as the GNU Coding Standards say, "Directory Variables".
#
#   make install [DESTDIR=...] [prefix=/usr/local] [sysconfdir=/etc] ...
#
# Nothing outside DESTDIR is touched, no user is made and no service started: docs/operations.md says
# what is left to do, and the Debian packages do it.

prefix = /usr/local
exec_prefix = $(prefix)
bindir = $(exec_prefix)/bin
datarootdir = $(prefix)/share
datadir = $(datarootdir)
mandir = $(datarootdir)/man
docdir = $(datarootdir)/doc/vmlog
sysconfdir = $(prefix)/etc
localstatedir = $(prefix)/var
systemdunitdir = $(prefix)/lib/systemd/system
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
sysctldir = $(prefix)/lib/sysctl.d
# The bus reads policies under /usr/share and /etc alone, dbus-daemon(1).
dbusdir = $(datadir)/dbus-1

INSTALL = install
INSTALL_PROGRAM = $(INSTALL)
INSTALL_DATA = $(INSTALL) -m 644

# Where the programs and their libraries are; what is in bindir are links to them.
pkgdatadir = $(datadir)/vmlog

# What a unit or a man page says of places, as they are here.
PLACES = sed -e 's|/usr/bin/|$(bindir)/|g' -e 's|/usr/share/vmlog|$(pkgdatadir)|g' \
	-e 's|/etc/vmlog|$(sysconfdir)/vmlog|g'

PROGRAMS = $(notdir $(wildcard packaging/bin/*))

.PHONY: install uninstall

install: target/built
	$(INSTALL) -d $(DESTDIR)$(pkgdatadir)/bin $(DESTDIR)$(pkgdatadir)/lib $(DESTDIR)$(bindir)
	$(INSTALL_DATA) target/vmlog/lib/*.jar $(DESTDIR)$(pkgdatadir)/lib
	$(INSTALL_PROGRAM) target/vmlog/bin/* $(DESTDIR)$(pkgdatadir)/bin
	ln -sfn $(localstatedir)/cache/vmlog $(DESTDIR)$(pkgdatadir)/archives
	for p in $(PROGRAMS); do ln -sfr $(DESTDIR)$(pkgdatadir)/bin/$$p $(DESTDIR)$(bindir)/$$p || exit; done
	$(INSTALL) -d $(DESTDIR)$(sysconfdir)/vmlog/forwarder.d
	test -e $(DESTDIR)$(sysconfdir)/vmlog/forwarder.toml || \
	  $(INSTALL_DATA) packaging/forwarder.toml $(DESTDIR)$(sysconfdir)/vmlog/forwarder.toml
	$(INSTALL) -d $(DESTDIR)$(systemdunitdir) $(DESTDIR)$(sysusersdir) $(DESTDIR)$(tmpfilesdir)
	for u in packaging/systemd/*; do \
	  $(PLACES) $$u >$(DESTDIR)$(systemdunitdir)/$${u##*/} || exit; done
	$(INSTALL_DATA) packaging/sysusers.d/* $(DESTDIR)$(sysusersdir)
	$(INSTALL_DATA) packaging/tmpfiles.d/* $(DESTDIR)$(tmpfilesdir)
	$(INSTALL) -d $(DESTDIR)$(dbusdir)/system.d $(DESTDIR)$(dbusdir)/system-services
	$(INSTALL_DATA) packaging/dbus/*.conf $(DESTDIR)$(dbusdir)/system.d
	for s in packaging/dbus/*.service; do \
	  $(PLACES) $$s >$(DESTDIR)$(dbusdir)/system-services/$${s##*/} || exit; done
	$(INSTALL) -d $(DESTDIR)$(sysctldir) && $(INSTALL_DATA) packaging/sysctl.d/* $(DESTDIR)$(sysctldir)

# Lays out what was built, with the variables of the GNU Coding Standards, "Directory Variables":
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
journalddir = $(prefix)/lib/systemd/journald.conf.d
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
sysctldir = $(prefix)/lib/sysctl.d
# The bus reads policies under /usr/share and /etc alone, dbus-daemon(1).
dbusdir = $(datadir)/dbus-1
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/vendor-completions
fishcompletiondir = $(datadir)/fish/vendor_completions.d

INSTALL = install
INSTALL_PROGRAM = $(INSTALL)
INSTALL_DATA = $(INSTALL) -m 644

# The programs and their libraries; in bindir there are links to them.
pkgdatadir = $(datadir)/vmlog
guestdatadir = $(datadir)/vm-syslog

# Gives what names places in units and man pages the places chosen here.
PLACES = sed -e 's|/usr/bin/|$(bindir)/|g' -e 's|/etc/vmlog|$(sysconfdir)/vmlog|g'

# $(call completions,PROGRAM...): of these programs, for each shell.
define completions
	$(INSTALL) -d $(DESTDIR)$(bashcompletiondir) $(DESTDIR)$(zshcompletiondir) \
	  $(DESTDIR)$(fishcompletiondir)
	$(INSTALL_DATA) $(1:%=target/completion/bash/%) $(DESTDIR)$(bashcompletiondir)
	$(INSTALL_DATA) $(1:%=target/completion/zsh/_%) $(DESTDIR)$(zshcompletiondir)
	$(INSTALL_DATA) $(1:%=target/completion/fish/%.fish) $(DESTDIR)$(fishcompletiondir)
endef

# $(call manuals,PAGE...): these man pages.
define manuals
	for page in $(1:%=target/man/%); do \
	  $(INSTALL) -d $(DESTDIR)$(mandir)/man$${page##*.} && \
	  $(PLACES) $$page >$(DESTDIR)$(mandir)/man$${page##*.}/$${page##*/} || exit; done
endef

# $(call units,GLOB): the units of that name.
define units
	$(INSTALL) -d $(DESTDIR)$(systemdunitdir)
	for unit in packaging/systemd/$(1); do \
	  $(PLACES) $$unit >$(DESTDIR)$(systemdunitdir)/$${unit##*/} || exit; done
endef

.PHONY: install install-vmlog install-vmlog-ship install-vm-syslog

install: install-vmlog install-vmlog-ship install-vm-syslog

# For a host.
install-vmlog: target/built target/man/built target/completion/built
	$(INSTALL) -d $(DESTDIR)$(pkgdatadir)/bin $(DESTDIR)$(pkgdatadir)/lib \
	  $(DESTDIR)$(pkgdatadir)/screen-lib $(DESTDIR)$(bindir)
	$(INSTALL_DATA) target/vmlog/lib/*.jar $(DESTDIR)$(pkgdatadir)/lib
	$(INSTALL_DATA) target/vmlog/screen-lib/*.jar $(DESTDIR)$(pkgdatadir)/screen-lib
	for program in vmlog vmlog-forwarder vmlog-realmd make-archives jvm; do \
	  $(INSTALL_PROGRAM) target/vmlog/bin/$$program $(DESTDIR)$(pkgdatadir)/bin || exit; done
	ln -sfn $(localstatedir)/cache/vmlog $(DESTDIR)$(pkgdatadir)/archives
	for program in vmlog vmlog-forwarder vmlog-realmd; do \
	  ln -sfr $(DESTDIR)$(pkgdatadir)/bin/$$program $(DESTDIR)$(bindir) || exit; done
	$(INSTALL) -d $(DESTDIR)$(sysconfdir)/vmlog/forwarder.d
	test -e $(DESTDIR)$(sysconfdir)/vmlog/forwarder.toml || \
	  $(INSTALL_DATA) packaging/forwarder.toml $(DESTDIR)$(sysconfdir)/vmlog
	$(INSTALL) -d $(DESTDIR)$(sysusersdir) $(DESTDIR)$(tmpfilesdir) $(DESTDIR)$(sysctldir)
	$(INSTALL) -d $(DESTDIR)$(docdir)/examples
	$(INSTALL_DATA) packaging/systemd/tcp/tcp.conf packaging/lnav/vmlog.json $(DESTDIR)$(docdir)/examples
	$(call units,vmlog-forwarder*)
	$(call units,vmlog-realmd*)
	$(call units,vmlog-metrics*)
	$(INSTALL_DATA) packaging/sysusers.d/vmlog.conf $(DESTDIR)$(sysusersdir)
	$(INSTALL_DATA) packaging/tmpfiles.d/vmlog.conf $(DESTDIR)$(tmpfilesdir)
	$(INSTALL_DATA) packaging/sysctl.d/50-vmlog.conf $(DESTDIR)$(sysctldir)
	$(INSTALL) -d $(DESTDIR)$(dbusdir)/system.d $(DESTDIR)$(dbusdir)/system-services \
	  $(DESTDIR)$(dbusdir)/interfaces
	$(INSTALL_DATA) packaging/dbus/interfaces/*.xml $(DESTDIR)$(dbusdir)/interfaces
	$(INSTALL_DATA) packaging/dbus/*.conf $(DESTDIR)$(dbusdir)/system.d
	for service in packaging/dbus/*.service; do \
	  $(PLACES) $$service >$(DESTDIR)$(dbusdir)/system-services/$${service##*/} || exit; done
	$(call manuals,vmlog.1 vmlog-forwarder.8 vmlog-forwarder.toml.5 vmlog-realmd.8)
	$(call completions,vmlog vmlog-forwarder vmlog-realmd)

# For what runs in VMs.
install-vm-syslog: target/built target/man/built target/completion/built
	$(INSTALL) -d $(DESTDIR)$(guestdatadir)/bin $(DESTDIR)$(guestdatadir)/lib $(DESTDIR)$(bindir)
	$(INSTALL_DATA) target/vm-syslog/lib/*.jar $(DESTDIR)$(guestdatadir)/lib
	$(INSTALL_PROGRAM) target/vm-syslog/bin/* $(DESTDIR)$(guestdatadir)/bin
	ln -sfn $(localstatedir)/cache/vm-syslog $(DESTDIR)$(guestdatadir)/archives
	ln -sfr $(DESTDIR)$(guestdatadir)/bin/vm-syslog $(DESTDIR)$(bindir)
	$(INSTALL) -d $(DESTDIR)$(sysconfdir)/vmlog/vm-syslog.d
	test -e $(DESTDIR)$(sysconfdir)/vmlog/vm-syslog.toml || \
	  $(INSTALL_DATA) packaging/vm-syslog.toml $(DESTDIR)$(sysconfdir)/vmlog
	$(call units,vm-syslog.*)
	$(INSTALL) -d $(DESTDIR)$(journalddir)
	$(INSTALL_DATA) packaging/systemd/journald/vm-syslog.conf $(DESTDIR)$(journalddir)
	$(call manuals,vm-syslog.8)
	$(call completions,vm-syslog)

# What vmlog-ship has on top of install-vmlog: its libraries, which no other program is to load.
install-vmlog-ship: target/built target/man/built target/completion/built
	$(INSTALL) -d $(DESTDIR)$(pkgdatadir)/bin $(DESTDIR)$(pkgdatadir)/ship-lib $(DESTDIR)$(bindir)
	$(INSTALL_DATA) target/vmlog/ship-lib/*.jar $(DESTDIR)$(pkgdatadir)/ship-lib
	$(INSTALL_PROGRAM) target/vmlog/bin/vmlog-ship $(DESTDIR)$(pkgdatadir)/bin
	ln -sfr $(DESTDIR)$(pkgdatadir)/bin/vmlog-ship $(DESTDIR)$(bindir)
	$(INSTALL) -d $(DESTDIR)$(sysconfdir)/vmlog/vmlog-ship.d
	test -e $(DESTDIR)$(sysconfdir)/vmlog/vmlog-ship.toml || \
	  $(INSTALL_DATA) packaging/vmlog-ship.toml $(DESTDIR)$(sysconfdir)/vmlog
	$(call units,vmlog-ship.*)
	$(INSTALL) -d $(DESTDIR)$(sysusersdir) $(DESTDIR)$(datadir)/doc/vmlog-ship
	$(INSTALL_DATA) packaging/sysusers.d/vmlog-ship.conf $(DESTDIR)$(sysusersdir)
	$(INSTALL_DATA) docs/fleet.md $(DESTDIR)$(datadir)/doc/vmlog-ship
	$(call manuals,vmlog-ship.8)
	$(call completions,vmlog-ship)

target/completion/built: target/built
	@java -cp 'target/test-classes:target/vmlog/lib/*' org.vmlog.packaging.CompletionFiles $(@D)
	@touch $@

target/man/built: target/built $(wildcard packaging/man/*) docs/configuration.md
	@.ci/packages help2man lowdown
	@packaging/man/build $(VERSION)
	@touch $@

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

# Gives what names places in units and man pages the places chosen here.
PLACES = sed -e 's|/usr/bin/|$(bindir)/|g' -e 's|/etc/vmlog|$(sysconfdir)/vmlog|g'

.PHONY: install install-vmlog

install: install-vmlog

install-vmlog: target/built target/man/built target/completion/built
	$(INSTALL) -d $(DESTDIR)$(pkgdatadir)/bin $(DESTDIR)$(pkgdatadir)/lib $(DESTDIR)$(bindir)
	$(INSTALL_DATA) target/vmlog/lib/*.jar $(DESTDIR)$(pkgdatadir)/lib
	$(INSTALL_PROGRAM) target/vmlog/bin/* $(DESTDIR)$(pkgdatadir)/bin
	ln -sfn $(localstatedir)/cache/vmlog $(DESTDIR)$(pkgdatadir)/archives
	for program in vmlog vmlog-forwarder vmlog-realmd; do \
	  ln -sfr $(DESTDIR)$(pkgdatadir)/bin/$$program $(DESTDIR)$(bindir) || exit; done
	$(INSTALL) -d $(DESTDIR)$(sysconfdir)/vmlog/forwarder.d
	test -e $(DESTDIR)$(sysconfdir)/vmlog/forwarder.toml || \
	  $(INSTALL_DATA) packaging/forwarder.toml $(DESTDIR)$(sysconfdir)/vmlog
	$(INSTALL) -d $(DESTDIR)$(systemdunitdir) $(DESTDIR)$(sysusersdir) $(DESTDIR)$(tmpfilesdir) \
	  $(DESTDIR)$(sysctldir)
	$(INSTALL) -d $(DESTDIR)$(docdir)/examples
	$(INSTALL_DATA) packaging/systemd/tcp/tcp.conf packaging/lnav/vmlog.json $(DESTDIR)$(docdir)/examples
	for unit in packaging/systemd/vmlog-*; do \
	  $(PLACES) $$unit >$(DESTDIR)$(systemdunitdir)/$${unit##*/} || exit; done
	$(INSTALL_DATA) packaging/sysusers.d/vmlog.conf $(DESTDIR)$(sysusersdir)
	$(INSTALL_DATA) packaging/tmpfiles.d/vmlog.conf $(DESTDIR)$(tmpfilesdir)
	$(INSTALL_DATA) packaging/sysctl.d/50-vmlog.conf $(DESTDIR)$(sysctldir)
	$(INSTALL) -d $(DESTDIR)$(dbusdir)/system.d $(DESTDIR)$(dbusdir)/system-services
	$(INSTALL_DATA) packaging/dbus/*.conf $(DESTDIR)$(dbusdir)/system.d
	for service in packaging/dbus/*.service; do \
	  $(PLACES) $$service >$(DESTDIR)$(dbusdir)/system-services/$${service##*/} || exit; done
	for page in target/man/vmlog*.[1-8]; do \
	  $(INSTALL) -d $(DESTDIR)$(mandir)/man$${page##*.} && \
	  $(PLACES) $$page >$(DESTDIR)$(mandir)/man$${page##*.}/$${page##*/} || exit; done
	for shell in bash zsh fish; do \
	  case $$shell in \
	    bash) folder=$(bashcompletiondir) ;; \
	    zsh) folder=$(zshcompletiondir) ;; \
	    fish) folder=$(fishcompletiondir) ;; \
	  esac; \
	  $(INSTALL) -d $(DESTDIR)$$folder && \
	  $(INSTALL_DATA) target/completion/$$shell/*vmlog* $(DESTDIR)$$folder || exit; done

target/completion/built: target/built
	@java -cp 'target/test-classes:target/vmlog/lib/*' org.vmlog.packaging.CompletionFiles $(@D)
	@touch $@

target/man/built: target/built $(wildcard packaging/man/*) docs/configuration.md
	@packaging/man/build $(VERSION)
	@touch $@

# make help says what there is. Everything is built by Maven; this file starts it.

MVN := mvn -B -ntp
VERSION = $(shell sed -n '/<artifactId>vmlog</{n;s|.*<version>\(.*\)</version>|\1|p}' pom.xml)
# What Maven reads; the rest of packaging/ is read by make install, and the machine's checks by make e2e.
SOURCES := $(shell find src proto packaging/bin -path src/test/vm -prune -o -type f -print) \
  $(wildcard packaging/*.xml) pom.xml

# What a throw-away machine is made and run with, and what is put into it.
MACHINE := qemu-system-x86 mmdebstrap busybox-static cpio lz4 binutils e2fsprogs gcc libc6-dev openssl

.DEFAULT_GOAL := help
.PHONY: help demo demo-fleet check locale bench jmh footprint fuzz soak heavy deb e2e e2e-nested powercuts screenshots dependencies sbom clean

help:
	@echo 'make demo    build, then show VMs logging to this host; Ctrl-C or DEMO_SECONDS=N ends it'
	@echo 'make demo-fleet  build, then show two hosts that ship to one Kafka, looked at together'
	@echo 'make check   install what the tests need (as root), then build and run every test'
	@echo 'make locale  what the gate tests on a host of another language: other digits, translated errors'
	@echo 'make bench   what a record costs, beside rsyslog and syslog-ng; BENCH=--quick only shows that it runs'
	@echo 'make jmh     what its parts cost alone: rendering a record; pipe and file beside write(2)'
	@echo 'make footprint  time to start and idle memory, with 500 VMs too; in five minutes'
	@echo 'make fuzz    fuzz what reads the bytes of others, for FUZZ_SECONDS (3600) of a processor'
	@echo 'make soak    run the forwarder under mixed load for SOAK_SECONDS (600)'
	@echo 'make heavy   the second stage of the tests, two hours; PARTS="kills outage" for some of it'
	@echo 'make deb     build the Debian packages, target/*.deb'
	@echo 'make e2e     install the packages in a throw-away machine and check it there (as root)'
	@echo 'make e2e-nested  a machine in that machine logs to it; before a release'
	@echo 'make powercuts  cut the power of such a machine CUTS (5) times while it writes (as root)'
	@echo 'make screenshots  the pictures in docs/images, in a minute, by chromium'
	@echo 'make dependencies  what has newer releases, of libraries and of Maven plugins'
	@echo 'make sbom    what the programs run with, target/bom.json and target/bom.xml'
	@echo 'make install as the GNU conventions have it: DESTDIR, prefix, sysconfdir, ...'
	@echo 'make clean   remove what was built'

demo: target/built
	@.ci/packages dbus-daemon
	@java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "target/test-classes:target/vmlog/lib/*:$$(cat target/test.classpath)" org.vmlog.demo.Demo

demo-fleet: target/built
	@java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.util.logging.config.file=src/test/resources/logging.properties -cp "target/test-classes:target/vmlog/lib/*:target/vmlog/ship-lib/*:$$(cat target/test.classpath)" org.vmlog.demo.FleetDemo

check:
	@.ci/packages
	@.ci/packages --unpack target/syslog-ng syslog-ng-core || echo 'There is no syslog-ng to ship to.'
	@.ci/packages --unpack target/prometheus-sid prometheus sid || echo 'There is no Prometheus 3.'
	$(MVN) verify $(if $(SEED),-Dvmlog.seed=$(SEED))
	@.ci/skipped-tests

# The programs that these tests start write Persian digits where they ask for the host's, and hear of
# errors in German. The tests themselves expect what they are written in.
LOCALE_TESTS := LocaleTest,CommandLineTest,!CommandLineTest\#logFolderReadOnly*,LayoutsAndFormatsTest,RestartTest,MetricsTest,SyslogTest,DescriptorsTest,DoctorTest

locale: target/built
	@.ci/packages locales libc-l10n
	@mkdir -p target/locales && localedef -i fa_IR -f UTF-8 target/locales/fa_IR.UTF-8
	LOCPATH=$(CURDIR)/target/locales LC_ALL=fa_IR.UTF-8 LANGUAGE=de $(MVN) surefire:test -Dtest='$(LOCALE_TESTS)'

bench: target/built
	@.ci/packages rsyslog || echo 'There is no rsyslog to compare with.'
	@.ci/packages --unpack target/syslog-ng syslog-ng-core || echo 'There is no syslog-ng to compare with.'
	@java -XX:+UseSerialGC -cp 'target/test-classes:target/vmlog/lib/*' org.vmlog.bench.Bench $(BENCH)

jmh:
	@$(MVN) -q -Pjmh -DskipTests -Dspotless.check.skip test-compile
	@rm -rf target/jmh && mkdir target/jmh
	@javac -nowarn -d target/jmh -cp "target/test-classes:target/classes:$$(cat target/jmh.classpath)" $$(find src/jmh -name '*.java')
	@java -cp "target/jmh:target/test-classes:target/classes:$$(cat target/jmh.classpath)" org.openjdk.jmh.Main -f 1 -wi 5 -w 1 -i 5 -r 1 -foe true -prof gc -prof org.vmlog.bench.CpuProfiler $(JMH)

footprint: target/built
	@.ci/packages python3-grpcio
	@/usr/bin/python3 src/test/python/footprint.py $(VMS)

fuzz:
	@$(MVN) -q -Pfuzz -DskipTests test-compile
	@java -cp "target/test-classes:target/classes:$$(cat target/fuzz.classpath)" org.vmlog.fuzz.Fuzz $${FUZZ_SECONDS:-3600}

soak: target/built
	@.ci/packages dbus-daemon
	@java -XX:+UseSerialGC -cp "target/test-classes:target/vmlog/lib/*:$$(cat target/test.classpath)" org.vmlog.soak.Soak

VERSIONS := org.codehaus.mojo:versions-maven-plugin:2.21.0
dependencies:
	@$(MVN) $(VERSIONS):display-dependency-updates $(VERSIONS):display-plugin-updates | grep -E -- '->|ERROR' || true

sbom:
	@$(MVN) -q org.cyclonedx:cyclonedx-maven-plugin:2.9.1:makeBom -DincludeTestScope=false -DincludeProvidedScope=false >target/sbom.log
	@echo target/bom.json target/bom.xml

heavy:
	@.ci/packages dbus-daemon strace
	@.ci/heavy $(PARTS)

deb: target/deb/built

target/deb/built: target/built target/man/built target/completion/built docs/fleet.md \
  $(shell find packaging -type f)
	@packaging/deb/build vmlog $(VERSION)
	@packaging/deb/build vmlog-ship $(VERSION)
	@packaging/deb/build vm-syslog $(VERSION)
	@touch $@

e2e: deb
	@.ci/packages $(MACHINE)
	@src/test/vm/e2e $(VERSION) $(CHECKS)

e2e-nested: deb
	@.ci/packages $(MACHINE)
	@src/test/vm/nested/run $(VERSION)

powercuts: target/built
	@.ci/packages $(MACHINE)
	@src/test/vm/powercuts $(or $(CUTS),5) $(SEED)

screenshots: target/built
	@.ci/packages chromium
	@java -XX:+UseSerialGC -cp "target/test-classes:target/vmlog/lib/*:$$(cat target/test.classpath)" org.vmlog.demo.Screenshots

include packaging/install.mk

clean:
	$(MVN) -q clean

target/built: $(SOURCES)
	@echo 'Building; the first time Maven downloads its libraries, which takes a while.'
	@rm -rf target/vmlog target/vm-syslog # a library of before must not stay
	@$(MVN) -q -DskipTests -Dspotless.check.skip package
	@touch $@

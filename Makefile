# lastcall: ends a persistent HTTP/1.1 connection after N exchanges, in servers that cannot.
# `make help` lists the targets. Any variable set with ?= may be given on the command line.

PREFIX   ?= /usr/local
BINDIR   ?= $(PREFIX)/bin
LIBDIR   ?= $(PREFIX)/lib/lastcall
DEBUGDIR ?= $(PREFIX)/lib/debug
MANDIR   ?= $(PREFIX)/share/man/man1
COMPLETIONS ?= $(PREFIX)/share/bash-completion/completions
BUILD    ?= build
CXX      ?= g++
CLANGXX  ?= clang++-14
PYTHON   ?= /usr/bin/python3
CXXFLAGS ?= -O2 -g
# The binutils of a cross compiler have its prefix.
CROSS    ?= $(patsubst %g++,%,$(filter %-g++,$(CXX)))
# Warnings are errors: for who changes it (make test, lint), not for tomorrow's compilers.
STRICT   ?=
SANITIZE ?= address,undefined
# Seconds for each fuzz target.
FUZZ_FOR ?= 60
# Seconds of load for the soak.
SOAK_FOR ?= 600
# Seconds of load on each server of the endurance run.
ENDURE_FOR ?= 60
# Milliseconds for each scene of the threads, in short and at length, and the seed of their chance.
THREADS_FOR ?= 1000
THREADS_LONG ?= 8000
SEED     ?= 1

# What it is, and since when: the one source of both. Dates in what is built or packed are this one.
version  := $(word 1,$(shell cat VERSION))
released := $(word 2,$(shell cat VERSION))
SOURCE_DATE_EPOCH ?= $(shell date -u -d $(released) +%s)
export SOURCE_DATE_EPOCH

# Servers and setcap lie where an ordinary user's PATH does not lead.
export PATH := $(PATH):/usr/sbin:/sbin

# ---- What is built from what ---------------------------------------------------------------

# What is HTTP/1.1's, or HTTP/2's, lies in folders of that name; what is both's, beside them.
core    := $(wildcard src/http/*.cpp src/http1/*.cpp src/http2/*.cpp)
preload := $(wildcard src/preload/*.cpp src/preload/http1/*.cpp src/preload/http2/*.cpp)
command := $(wildcard src/command/*.cpp src/command/*/*.cpp) src/go/site.cpp $(wildcard src/go/launch/*.cpp)
# The guest inside a Go program: the same, without libc. What offers libc's functions stays away.
machine := $(firstword $(subst -, ,$(shell $(CXX) -dumpmachine 2>/dev/null)))
hosted  := $(addprefix src/preload/,handover.cpp loaded.cpp next.cpp own_thread.cpp surface_bytes.cpp \
             surface_descriptors.cpp surface_syscall.cpp surface_waits.cpp)
inside  := $(core) $(filter-out $(hosted),$(preload)) src/go/site.cpp $(wildcard src/go/guest/*.cpp) \
             $(wildcard src/go/guest/*_$(machine).S)
# The parts of the guest that know no descriptor are tested with the core.
pure    := $(core) src/preload/settings.cpp src/preload/http1/desk.cpp
tests   := $(wildcard tests/*.cpp tests/http2/*.cpp tests/command/*.cpp)
fuzzers := $(patsubst tests/fuzz/%.cpp,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*_fuzz.cpp))
# The call fuzzers play with the whole guest, on a kernel of its own.
calls   := $(core) $(preload) $(addprefix tests/fuzz/,calls_kernel.cpp calls_raw.cpp calls_ways.cpp \
             calls_talk.cpp frames_talk.cpp frames_sides.cpp frames_laws.cpp)
callers := calls_fuzz frames_calls_fuzz
ours    := $(wildcard include/lastcall/*.hpp include/lastcall/*/*.hpp src/*/*.[ch]pp \
             src/*/*/*.[ch]pp tests/*.[ch]pp tests/*/*.[ch]pp)

library := $(BUILD)/liblastcall.so
golib   := $(BUILD)/liblastcall-go.so
onestack := $(addprefix $(BUILD)/one-stack/,liblastcall-go.so liblastcall.so lastcall)
program := $(BUILD)/lastcall
manual  := $(BUILD)/stripped/lastcall.1
stripped := $(addprefix $(BUILD)/stripped/,lastcall liblastcall.so liblastcall-go.so)
checker := $(BUILD)/unit-tests
unaided := $(BUILD)/unit-tests-plain
crowds  := $(BUILD)/threads-thread $(BUILD)/threads-address $(BUILD)/threads-plain
linear  := $(BUILD)/linear

jobs := $(shell nproc)

# ---- How it is built -----------------------------------------------------------------------

warn := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast $(if $(STRICT),-Werror)
# The same bytes in whatever folder it is built.
movable := -ffile-prefix-map='$(CURDIR)'=.
base := -std=c++20 -Iinclude -MMD -MP $(movable) $(warn)

# Where the command looks for its library, from its own folder: the two may move together while PREFIX
# holds both.
within := $(and $(filter $(PREFIX)/%,$(BINDIR)),$(filter $(PREFIX)/%,$(LIBDIR)))
place := $(shell realpath -ms $(if $(within),--relative-to='$(BINDIR)') '$(LIBDIR)')

objects = $(addprefix $(BUILD)/$(1)/,$(addsuffix .o,$(basename $(2))))

every = $(foreach kind,plain checked fuzzed covered,$(call objects,$(kind),$(1)))
$(call every,src/command/version.cpp): base += -DLASTCALL_VERSION='"$(version)"'
$(call every,src/command/version.cpp): VERSION
$(call every,src/command/installation.cpp): base += -DLASTCALL_PLACE='"$(place)"'
$(call every,src/command/installation.cpp): $(BUILD)/place

# Code is aligned to nothing: a tenth of it was padding. (clang aligns no jumps, and says so.)
tight := -falign-functions=1 -falign-jumps=1 -falign-loops=1 -Wno-ignored-optimization-argument

# The library lives in a stranger's process: it throws nothing, needs no C++ runtime, shows only
# the symbols it replaces, and never turns its own calls into calls of those.
lean := -fPIC -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-builtin \
        -fvisibility=hidden -ftls-model=initial-exec -fasynchronous-unwind-tables \
        -U_FORTIFY_SOURCE -Wframe-larger-than=1024 $(tight)
# dlsym(RTLD_NEXT) judges by its caller's address, which a jump to it would hide.
$(BUILD)/lean/src/preload/next.o: lean += -fno-optimize-sibling-calls
# What runs once, or at a connection's two ends, is to be small; the rest, fast. (descriptors.cpp
# must not be: for -Os glibc's CMSG_NXTHDR is a call that musl has not.)
rare := src/http/proxy_header.cpp src/http1/close_option.cpp \
        $(addprefix src/preload/http1/,desk.cpp edited_write.cpp) \
        $(addprefix src/preload/http2/,farewell.cpp telling.cpp telling_alone.cpp) src/preload/switching.cpp \
        $(addprefix src/preload/,behind.cpp connection.cpp direction.cpp early.cpp guest.cpp handover.cpp kernel.cpp \
          lingering.cpp loaded.cpp memory.cpp next.cpp outlet.cpp owner.cpp patience.cpp pool.cpp settings.cpp \
          settling.cpp status.cpp sweeping.cpp surface_descriptors.cpp surface_messages.cpp)
$(call objects,lean,$(rare)): lean += -Os
# -z defs turns a stray use of libstdc++ into an error here instead of a crash there. libdl.so.2 is
# where dlsym lives before glibc 2.34; nothing refers to it on newer ones, so it is needed by name.
# Code and constants share one mapping: pages of their own are padding in the file, and two mmaps
# more in the start of every process.
link := -shared -nodefaultlibs -Wl,-z,defs,-z,now,-z,relro,-z,noexecstack,-z,nodelete \
        -Wl,-z,noseparate-code,--hash-style=gnu,--build-id,-soname,liblastcall.so

# On aarch64 Go's signal handlers take g from x28, whatever they interrupt.
free_aarch64 := -ffixed-x18 -ffixed-x28 -mno-outline-atomics
# The guest in a Go program has no libc, no thread register and no loader that it could rely on.
free := $(lean) -ftls-model=global-dynamic -DLASTCALL_LENT_STACKS -fno-stack-protector \
        -ffunction-sections -fdata-sections $(free_$(machine))
free_link := -shared -nostdlib -Wl,-z,defs,-z,now,-z,norelro,-z,noexecstack,-z,noseparate-code \
        -Wl,--gc-sections,--hash-style=gnu,--build-id,-soname,liblastcall-go.so,-e,lastcall_go_entry

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all check threads threads-long harness suites aarch64 go-latest soak endurance differential test demo rebalance simulate instructions \
        bench bench-quick scale servers fuzz coverage format lint install uninstall clean help need-%

all: $(library) $(golib) $(program)       ## build the library and the command (default)

$(library): $(call objects,lean,$(core) $(preload)) $(BUILD)/exports.map
	$(CXX) $(LDFLAGS) $(link) -Wl,--version-script=$(BUILD)/exports.map -o $@ $(filter %.o,$^) \
	    -lc -Wl,--push-state,--no-as-needed -l:libdl.so.2 -Wl,--pop-state -lgcc

$(golib): $(call objects,free,$(inside)) src/go/guest/exports.map
	$(CXX) $(LDFLAGS) $(free_link) -Wl,--version-script=src/go/guest/exports.map -o $@ $(filter %.o,$^) -lgcc

# The same with a single stack to lend, beside its own command: calls that find it taken are missed,
# and what must not go wrong then is a test's matter.
$(BUILD)/one-stack/liblastcall-go.so: $(golib) src/go/guest/lent_stack.cpp
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(base) $(CXXFLAGS) $(free) -DLASTCALL_STACKS=1 -c -o $(@D)/lent_stack.o \
	    src/go/guest/lent_stack.cpp
	$(CXX) $(LDFLAGS) $(free_link) -Wl,--version-script=src/go/guest/exports.map -o $@ $(@D)/lent_stack.o \
	    $(filter-out %/lent_stack.o,$(call objects,free,$(inside))) -lgcc

$(BUILD)/one-stack/%: $(BUILD)/%
	@mkdir -p $(@D)
	cp $< $@

# One static executable, so that it runs in any image.
$(program): $(call objects,plain,$(command) $(pure))
	$(CXX) $(LDFLAGS) -static -Wl,--build-id -o $@ $^

# Newer than what was built for another place.
$(BUILD)/place: FORCE
	@mkdir -p $(@D)
	@echo '$(place)' | cmp -s - $@ || echo '$(place)' >$@
FORCE:
.PHONY: FORCE

# What is installed, and what a debugger finds of it by its build-id.
$(BUILD)/stripped/%: $(BUILD)/%
	@tools/strip-apart $< $@ "$(CROSS)"

$(manual): docs/lastcall.1 VERSION
	@mkdir -p $(@D)
	sed 's/@VERSION@/$(version)/; s/@DATE@/$(released)/' $< >$@

# The exported symbols are the rows of the next definitions and the marker, and nothing else.
$(BUILD)/exports.map: src/preload/next.hpp
	@mkdir -p $(@D)
	@{ echo '{ global: lastcall_guest;'; \
	   sed -n 's/^ *row(\([a-z_0-9]*\),.*/\1;/p' $<; echo 'local: *; };'; } > $@

$(checker): $(call objects,checked,$(pure) $(tests) $(filter-out %/main.cpp,$(command)))
	$(CXX) $(LDFLAGS) -fsanitize=$(SANITIZE) -o $@ $^

# Without sanitizers or shared libraries, where an emulator runs it.
$(unaided): $(call objects,plain,$(pure) $(tests) $(filter-out %/main.cpp,$(command)))
	$(CXX) $(LDFLAGS) -static -o $@ $^

# The concurrency host: the guest's own objects in a program with many threads. Whose definitions
# come next depends on how the sanitizer's runtime is linked: tests/threads/main.cpp.
crowd := $(core) $(preload) $(wildcard tests/threads/*.cpp)
mixed := -O1 -g -U_FORTIFY_SOURCE -fno-builtin -fno-optimize-sibling-calls

$(BUILD)/threads-thread: $(call objects,crowd-thread,$(crowd))
	$(CXX) $(LDFLAGS) -fsanitize=thread -static-libtsan -o $@ $^

$(BUILD)/threads-address: $(call objects,crowd-address,$(crowd))
	$(CXX) $(LDFLAGS) -fsanitize=address,undefined -o $@ $^

$(BUILD)/threads-plain: $(call objects,crowd-plain,$(crowd))
	$(CXX) $(LDFLAGS) -o $@ $^

$(BUILD)/crowd-plain/%.o: %.cpp Makefile
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(base) $(mixed) -O2 -c -o $@ $<

$(BUILD)/crowd-thread/%.o: %.cpp Makefile
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(base) $(mixed) -fsanitize=thread -c -o $@ $<

$(BUILD)/crowd-address/%.o: %.cpp Makefile
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(base) $(mixed) -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	    -c -o $@ $<

# What the tests reach (clang's source-based coverage): the unit tests, the fuzz targets on their
# seeds, and the library itself under the hosts. Its processes share one file of counters, since a
# profile written at exit is lost with a host that is killed, and disturbs one that counts its calls;
# the file's place is compiled in, since servers wipe environments.
profiles := $(abspath $(BUILD))/coverage/profiles
counters := $(abspath $(BUILD))/coverage/hosts.counters
seeing   := -fprofile-instr-generate=$(profiles)/%8m.profraw -fcoverage-mapping
covered  := $(addprefix $(BUILD)/coverage/,liblastcall.so lastcall unit-tests \
              $(patsubst $(BUILD)/fuzz/%,%,$(fuzzers)))

$(BUILD)/coverage/liblastcall.so: $(call objects,covered-lean,$(core) $(preload)) \
              $(BUILD)/coverage/counters.o $(BUILD)/coverage/exports.map
	$(CLANGXX) $(link) -Wl,--version-script=$(BUILD)/coverage/exports.map -o $@ $(filter %.o,$^) \
	    $$($(CLANGXX) -print-runtime-dir)/libclang_rt.profile-$$(uname -m).a \
	    -lc -Wl,--push-state,--no-as-needed -l:libdl.so.2 -Wl,--pop-state -lgcc

# The hosts look for the command beside the library.
$(BUILD)/coverage/lastcall: $(program)
	@mkdir -p $(@D)
	cp $< $@

$(BUILD)/coverage/exports.map: $(BUILD)/exports.map
	@mkdir -p $(@D)
	sed 's/lastcall_guest;/& lastcall_write_profile;/' $< >$@

$(BUILD)/coverage/counters.o: tests/coverage/counters.cpp
	@mkdir -p $(@D)
	$(CLANGXX) $(base) $(filter-out -Wframe%,$(lean)) -O1 -DCOUNTERS='"$(counters)"' -c -o $@ $<

$(BUILD)/coverage/unit-tests: $(call objects,covered,$(pure) $(tests) $(filter-out %/main.cpp,$(command)))
	@mkdir -p $(@D)
	$(CLANGXX) $(seeing) -o $@ $^ $$($(CLANGXX) -print-runtime-dir)/libclang_rt.fuzzer_no_main-$$(uname -m).a

$(addprefix $(BUILD)/coverage/,$(callers)): $(BUILD)/coverage/%: $(BUILD)/covered/tests/fuzz/%.o \
              $(call objects,covered,$(calls))
	@mkdir -p $(@D)
	$(CLANGXX) $(seeing) -fsanitize=fuzzer -o $@ $^

$(BUILD)/coverage/%_fuzz: $(BUILD)/covered/tests/fuzz/%_fuzz.o $(call objects,covered,$(pure) $(filter-out %/main.cpp,$(command)))
	@mkdir -p $(@D)
	$(CLANGXX) $(seeing) -fsanitize=fuzzer -o $@ $(sort $^)

$(BUILD)/covered/%.o: %.cpp Makefile
	@mkdir -p $(@D)
	$(CLANGXX) $(base) $(fuzzed) -O1 -g -fsanitize=fuzzer-no-link $(seeing) -c -o $@ $<

$(BUILD)/covered-lean/%.o: %.cpp Makefile
	@mkdir -p $(@D)
	$(CLANGXX) $(base) $(filter-out -Wframe%,$(lean)) -O1 -g $(seeing) \
	    -mllvm -runtime-counter-relocation -c -o $@ $<

# What callgrind counts the instructions of.
$(linear): $(call objects,plain,$(core) tests/linear/driver.cpp)
	$(CXX) $(LDFLAGS) -o $@ $^

$(BUILD)/lean/%.o: %.cpp Makefile
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(base) $(CXXFLAGS) $(lean) -c -o $@ $<

$(BUILD)/free/%.o: %.cpp Makefile
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(base) $(CXXFLAGS) $(free) -c -o $@ $<

$(BUILD)/free/%.o: %.S Makefile
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(movable) -g -c -o $@ $<

$(BUILD)/plain/%.o: %.cpp Makefile
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(base) $(CXXFLAGS) -c -o $@ $<

# The tables of cases take long to optimise, and nothing runs the faster for it but their loops.
$(BUILD)/checked/tests/%.o: optimised = -O0
$(BUILD)/checked/%.o: optimised = -O1
$(BUILD)/checked/%.o: %.cpp Makefile
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(base) $(optimised) -g -fsanitize=$(SANITIZE) -c -o $@ $<

$(BUILD)/fuzz/%: $(BUILD)/fuzzed/tests/fuzz/%.o $(call objects,fuzzed,$(pure) $(filter-out %/main.cpp,$(command)))
	@mkdir -p $(@D)
	$(CLANGXX) -fsanitize=fuzzer,$(SANITIZE) -o $@ $^

$(addprefix $(BUILD)/fuzz/,$(callers)): $(BUILD)/fuzz/%: $(BUILD)/fuzzed/tests/fuzz/%.o \
              $(call objects,fuzzed,$(calls))
	@mkdir -p $(@D)
	$(CLANGXX) -fsanitize=fuzzer,$(SANITIZE) -o $@ $^

$(BUILD)/fuzzed/src/preload/%.o: fuzzed += -U_FORTIFY_SOURCE -fno-builtin -fno-optimize-sibling-calls
$(BUILD)/fuzzed/%.o: %.cpp Makefile
	@mkdir -p $(@D)
	$(CLANGXX) $(base) $(fuzzed) -O1 -g -fsanitize=fuzzer-no-link,$(SANITIZE) -c -o $@ $<

# ---- What you can do with it ---------------------------------------------------------------

# Installs the Debian packages that a target lacks, when it may; else names them and stops.
need-%:
	@CXX='$(CXX)' tools/need $*

# Who only builds is told, and given nothing unasked.
ifeq ($(filter-out all install install-debug,$(MAKECMDGOALS)),)
ifeq ($(shell command -v $(firstword $(CXX)) 2>/dev/null),)
$(error there is no $(firstword $(CXX)); as root: apt-get install $(shell CXX='$(CXX)' tools/need --compiler))
endif
endif

check: need-check                         ## run the unit tests, under sanitizers
	@$(MAKE) --no-print-directory -s -j$(jobs) $(checker)
	$(checker) $(ARGS)

threads: need-check                       ## the guest among threads, under sanitizers
	@$(MAKE) --no-print-directory -s -j$(jobs) $(crowds)
	tools/threads $(BUILD) $(THREADS_FOR) $(SEED)

threads-long:                             ## the same for minutes, with the other core loaded
	@$(MAKE) --no-print-directory threads THREADS_FOR=$(THREADS_LONG) LOADED=yes

harness: need-harness                     ## run real servers under the library (ARGS="-k nginx")
	@$(MAKE) --no-print-directory -s -j$(jobs) all $(linear) $(onestack)
	$(PYTHON) harness/again.py $(library) $(ARGS)

suites: need-harness need-suites          ## run other people's tests and load tools at length
	@$(MAKE) --no-print-directory -s -j$(jobs) all
	$(PYTHON) -m pytest -c harness/pytest.ini --rootdir harness harness --library $(library) \
	    -m suites -n 2 $(ARGS)

# Compiled for another machine, and run by an emulator of it. doctest lies among this machine's own
# headers, which are not the other's.
cross := BUILD=$(BUILD)/aarch64 CXX=aarch64-linux-gnu-g++ CPPFLAGS="-isystem $(BUILD)/aarch64/include"
aarch64: need-aarch64                     ## build for aarch64, and run it there under qemu-user
	@mkdir -p $(BUILD)/aarch64/include
	@ln -sfn /usr/include/doctest $(BUILD)/aarch64/include/doctest
	@$(MAKE) --no-print-directory -s -j$(jobs) $(cross) all $(BUILD)/aarch64/unit-tests-plain
	qemu-aarch64-static $(BUILD)/aarch64/unit-tests-plain
	$(PYTHON) -m pytest -c harness/pytest.ini --rootdir harness harness/tests/go/test_go_aarch64.py \
	    --library $(BUILD)/aarch64/liblastcall.so -m aarch64 $(ARGS)

go-latest: need-harness                   ## is the newest Go that npm's esbuild is built by followed?
	@$(MAKE) --no-print-directory -s -j$(jobs) all
	$(PYTHON) -m pytest -c harness/pytest.ini --rootdir harness harness/tests/go/test_go_limits.py \
	    --library $(library) -m suites -n 1 -k newest $(ARGS)

soak: need-harness                        ## steer servers under a mixed load for SOAK_FOR seconds
	@$(MAKE) --no-print-directory -s -j$(jobs) all
	@$(PYTHON) harness/soak.py --library $(library) --seconds $(SOAK_FOR) $(ARGS)

endurance: need-harness                   ## threaded servers under load, ENDURE_FOR seconds each
	@$(MAKE) --no-print-directory -s -j$(jobs) all
	@$(PYTHON) harness/endurance.py --library $(library) --seconds $(ENDURE_FOR) $(ARGS)

test lint: export STRICT = yes
test:                                     ## all of it: unit tests, threads, lint, real servers
	@CXX='$(CXX)' tools/need check lint harness
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory threads THREADS_FOR=200
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory harness

differential: need-harness                ## whole runs of every server, bare and preloaded (long)
	@$(MAKE) --no-print-directory -s -j$(jobs) all
	$(PYTHON) -m pytest -c harness/pytest.ini --rootdir harness \
	    $(addprefix harness/tests/servers/test_,differential.py memory.py floods.py) \
	    --library $(library) --whole --timeout 1800 $(ARGS)

demo: need-demo                           ## watch one server close politely, with and without
	@$(MAKE) --no-print-directory -s -j$(jobs) $(library)
	$(PYTHON) harness/demo.py --build $(BUILD)

instructions: need-bench                  ## count what a request costs (ARGS="--where 41B")
	@$(MAKE) --no-print-directory -s -j$(jobs) $(library)
	@PYTHONPATH=harness $(PYTHON) -m bench.counts --library $(library) $(ARGS)

bench: need-bench                         ## time it beside native limits and proxies (5 minutes)
	@$(MAKE) --no-print-directory -s -j$(jobs) $(library)
	@PYTHONPATH=harness $(PYTHON) -m bench.timing --library $(library) --out $(BUILD)/bench $(ARGS)

bench-quick:                              ## the same with less of everything (a minute)
	@$(MAKE) --no-print-directory bench ARGS="--quick $(ARGS)"

scale: need-bench                         ## what many connections and threads cost
	@$(MAKE) --no-print-directory -s -j$(jobs) $(library)
	@PYTHONPATH=harness $(PYTHON) -m bench.scale --library $(library) $(ARGS)

rebalance: need-rebalance                 ## see an autoscaler with and without it, in two minutes (ARGS=--help)
	@$(MAKE) --no-print-directory -s -j$(jobs) all
	@PYTHONPATH=harness PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m rebalance --build $(BUILD) $(ARGS)

simulate: need-rebalance                  ## the same for 10 to 10 000 instances, as a table
	@PYTHONPATH=harness PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m rebalance --build $(BUILD) --simulate $(ARGS)

# What the README shows, drawn anew from the last run's result.
docs/rebalance.svg: $(BUILD)/rebalance/result.json
	@PYTHONPATH=harness PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m rebalance --build $(BUILD) --picture $@

docs/rebalance-h2.svg: $(BUILD)/rebalance-h2/result.json
	@PYTHONPATH=harness PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m rebalance --build $(BUILD) --protocol h2 --picture $@

servers: need-harness                     ## list the servers that the tests run, with their versions
	@$(PYTHON) harness/table.py

fuzz: need-fuzz                           ## fuzz each target for FUZZ_FOR seconds
	@$(MAKE) --no-print-directory -s -j$(jobs) $(fuzzers)
	@for f in $(fuzzers); do mkdir -p $(BUILD)/corpus/$${f##*/}; \
	  $$f -max_total_time=$(FUZZ_FOR) -print_final_stats=1 -artifact_prefix=$(BUILD)/ \
	    $(BUILD)/corpus/$${f##*/} tests/fuzz/seeds || exit 1; done

coverage: need-coverage                   ## which lines the tests reach, in build/coverage
	@$(MAKE) --no-print-directory -s -j$(jobs) $(covered)
	tools/coverage $(BUILD)/coverage $(FUZZ_FOR)

format: need-format                       ## rewrite the sources in the house style
	clang-format-14 -i $(ours)

lint: need-lint                           ## style, static analysis, both compilers, the walls
	@$(MAKE) --no-print-directory -s -j$(jobs) all
	clang-format-14 --dry-run -Werror $(ours)
	@tools/walls
	$(MAKE) --no-print-directory -s -j$(jobs) BUILD=$(BUILD)/clang CXX=$(CLANGXX) CXXFLAGS=-O1 all
	printf '%s\n' $(wildcard tests/fuzz/*.cpp) | \
	    xargs -P $(jobs) -n 1 $(CLANGXX) -std=c++20 -Iinclude $(warn) -fsyntax-only
	printf '%s\n' $(core) $(preload) $(command) | \
	    xargs -P $(jobs) -n 8 sh -c 'clang-tidy-14 --quiet "$$@" -- -std=c++20 -Iinclude' tidy
	clang-tidy-14 --quiet $(wildcard src/go/guest/*.cpp) -- -std=c++20 -Iinclude -DLASTCALL_LENT_STACKS

install: all $(stripped) $(manual)        ## install under PREFIX, stripped (honours DESTDIR)
	install -D -m 755 $(BUILD)/stripped/lastcall $(DESTDIR)$(BINDIR)/lastcall
	install -D -m 644 $(BUILD)/stripped/liblastcall.so $(DESTDIR)$(LIBDIR)/liblastcall.so
	install -D -m 644 $(BUILD)/stripped/liblastcall-go.so $(DESTDIR)$(LIBDIR)/liblastcall-go.so
	install -D -m 644 $(manual) $(DESTDIR)$(MANDIR)/lastcall.1
	install -D -m 644 completions/lastcall.bash $(DESTDIR)$(COMPLETIONS)/lastcall

.PHONY: install-debug dist packages packages-other
install-debug: $(stripped)                ## and their debug files, found by build-id
	for file in $(stripped); do \
	    install -D -m 644 $$file.debug "$$(tools/debug-file $(DESTDIR)$(DEBUGDIR) $$file)" || exit 1; done

uninstall:                                ## remove what install and install-debug put there
	@tools/uninstall '$(DESTDIR)$(DEBUGDIR)' $(addprefix $(DESTDIR),$(BINDIR)/lastcall $(LIBDIR)/liblastcall.so \
	    $(LIBDIR)/liblastcall-go.so $(MANDIR)/lastcall.1 $(COMPLETIONS)/lastcall)
	@rmdir $(DESTDIR)$(LIBDIR) 2>/dev/null || true

# For the machine of CXX; and for aarch64, where its compiler is there. The installed tree, and what
# tools/dist makes of it.
DIST     ?= $(BUILD)/dist
MAINTAINER ?= lastcall maintainers <lastcall@example.org>
stage    := $(BUILD)/stage
packing   = VERSION=$(version) MACHINE=$(machine) MAINTAINER='$(MAINTAINER)' CXX='$(CXX)'
other    := $(and $(wildcard src/go/guest/*_aarch64.S),$(filter x86_64,$(machine)),aarch64-linux-gnu-g++)
dist: need-dist                           ## .deb, .rpm, tarball, OCI image, SBOM and checksums in build/dist
	@rm -rf $(DIST)
	@$(MAKE) --no-print-directory -s packages DIST=$(abspath $(DIST))
	@$(if $(other),$(MAKE) --no-print-directory -s packages-other DIST=$(abspath $(DIST)))
	@cd $(DIST) && LC_ALL=C sha256sum lastcall* >SHA256SUMS && cat SHA256SUMS

packages-other:
	@if command -v $(other) >/dev/null; then \
	    $(MAKE) --no-print-directory -s packages BUILD=$(BUILD)/aarch64 CXX=$(other); \
	else echo "no packages for aarch64: they want its compiler, apt-get install g++-aarch64-linux-gnu"; fi

packages:
	@$(MAKE) --no-print-directory -s -j$(jobs) all
	@rm -rf $(stage)* && mkdir -p $(DIST)
	@$(MAKE) --no-print-directory -s install install-debug DESTDIR=$(abspath $(stage)) PREFIX=/usr
	@for kind in stage deb rpm image; do $(packing) tools/dist/$$kind $(stage) $(DIST) || exit 1; done
	@$(packing) tools/dist/sbom $(DIST)/lastcall-$(version)-$(machine).cdx.json $(version) $(stage)/usr \
	    $(stage)/usr/bin/lastcall $(stage)/usr/lib/lastcall/*.so

clean:                                    ## remove everything built
	rm -rf $(BUILD)

help:                                     ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

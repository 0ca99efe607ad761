// What goes on in the process besides, chosen by variables: STORM=1 sends SIGURG, the signal by which
// Go preempts, to every thread as fast as it can; PROFILE=HZ takes a processor profile; TRACE=1 an
// execution trace. Refuses to know what is served meanwhile.
package main

import (
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"syscall"
	"time"
)

func disturb() {
	if os.Getenv("STORM") != "" {
		go storm()
	}
	if rate, _ := strconv.Atoi(os.Getenv("PROFILE")); rate > 0 {
		runtime.SetCPUProfileRate(rate) // pprof asks for 100 then, is refused, and says so
		check(pprof.StartCPUProfile(create("profile")))
	}
	if os.Getenv("TRACE") != "" {
		check(trace.Start(create("trace")))
	}
}

// What was recorded is on the disk once this is answered.
func stopped(w http.ResponseWriter, r *http.Request) {
	pprof.StopCPUProfile()
	trace.Stop()
	say(w, "stopped\n")
}

func storm() {
	const pause = 200 * time.Microsecond
	for {
		threads, _ := os.ReadDir("/proc/self/task")
		for _, thread := range threads {
			id, _ := strconv.Atoi(thread.Name())
			syscall.RawSyscall(syscall.SYS_TGKILL, uintptr(os.Getpid()), uintptr(id), uintptr(syscall.SIGURG))
		}
		time.Sleep(pause)
	}
}

func create(name string) *os.File {
	file, err := os.Create(name)
	check(err)
	return file
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

; Signals during a call.
;
; Python runs its signal handlers in the main thread only, and only where that thread holds the GIL
; and asks.  So a compiled program polls, until its commit point, and a poll of the main thread asks
; every quarter of a millisecond, or as seldom as every 40 ms where other threads hold the GIL so long that asking took
; its time; a poll of any other thread costs a comparison, and one between two askings a glance at
; the clock.  Handlers that return have run in the middle of the call, with its locks held, and
; every shared variable as it was before the call.  The exception of one that raises is put aside
; here, the call is left like any that fails, and whoever called it raises the exception.

@signal.main = internal global i64 0          ; the main thread; 0 before it is known
@signal.clock = internal global i32 1         ; a clock that is never set back
@signal.next = internal global i64 0          ; when to ask again, in nanoseconds of that clock
@signal.stopped = internal global i32 0       ; 1 while an exception is put aside
@signal.kind = internal global ptr null       ; the exception that was put aside
@signal.value = internal global ptr null
@signal.trace = internal global ptr null

%Time = type { i64, i64 }

define void @lltheano_signal_setup(i64 %main, i32 %clock) nounwind {
  store i64 %main, ptr @signal.main
  store i32 %clock, ptr @signal.clock
  ret void
}

define internal i64 @nanoseconds() nounwind {
  %time = alloca %Time
  %clock = load i32, ptr @signal.clock
  %status = call i32 @clock_gettime(i32 %clock, ptr %time)
  %seconds = load i64, ptr %time
  %rest.at = getelementptr %Time, ptr %time, i64 0, i32 1
  %rest = load i64, ptr %rest.at
  %whole = mul i64 %seconds, 1000000000
  %sum = add i64 %whole, %rest
  ret i64 %sum
}

; What profiled programs ask for the time.
define i64 @lltheano_clock() nounwind {
  %now = call i64 @nanoseconds()
  ret i64 %now
}

; Runs the handlers of signals that have come; 1 when one raised.  With or without the GIL.
define internal i32 @serve_signals() nounwind {
start:
  %state = call i32 @PyGILState_Ensure()
  %self = call i64 @PyThread_get_thread_ident()
  %slot = call ptr @enter_nested(i64 %self)
  %status = call i32 @PyErr_CheckSignals()
  call void @leave_nested(ptr %slot)
  %raised = icmp ne i32 %status, 0
  br i1 %raised, label %keep, label %done
keep:
  call void @PyErr_Fetch(ptr @signal.kind, ptr @signal.value, ptr @signal.trace)
  store i32 1, ptr @signal.stopped
  br label %done
done:
  call void @PyGILState_Release(i32 %state)
  %outcome = zext i1 %raised to i32
  ret i32 %outcome
}

; What compiled programs ask: 0 to go on, 1 to leave.  Once it is 1 it stays so until the exception
; is raised.
define i32 @lltheano_poll() nounwind {
start:
  %self = call i64 @PyThread_get_thread_ident()
  %main = load i64, ptr @signal.main
  %concerned = icmp eq i64 %self, %main
  br i1 %concerned, label %look, label %go
look:
  %stopped = load i32, ptr @signal.stopped
  %leaving = icmp ne i32 %stopped, 0
  br i1 %leaving, label %leave, label %time
time:
  %now = call i64 @nanoseconds()
  %next = load i64, ptr @signal.next
  %due = icmp sge i64 %now, %next
  br i1 %due, label %ask, label %go
ask:
  %outcome = call i32 @serve_signals()
  %after = call i64 @nanoseconds()
  %cost = sub i64 %after, %now
  %share = mul i64 %cost, 8
  %long = icmp sgt i64 %share, 40000000
  %most = select i1 %long, i64 40000000, i64 %share
  %short = icmp slt i64 %most, 250000
  %wait = select i1 %short, i64 250000, i64 %most
  %later = add i64 %after, %wait
  store i64 %later, ptr @signal.next
  ret i32 %outcome
go:
  ret i32 0
leave:
  ret i32 1
}

; Raises the exception that was put aside.  Always null, with the GIL held.
define ptr @lltheano_raise_interrupt() nounwind {
  %kind = load ptr, ptr @signal.kind
  %value = load ptr, ptr @signal.value
  %trace = load ptr, ptr @signal.trace
  store ptr null, ptr @signal.kind
  store ptr null, ptr @signal.value
  store ptr null, ptr @signal.trace
  store i32 0, ptr @signal.stopped
  call void @PyErr_Restore(ptr %kind, ptr %value, ptr %trace)
  ret ptr null
}

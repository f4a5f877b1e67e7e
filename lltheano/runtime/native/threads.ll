; The threads that share the iterations of a parallel loop.
;
; A loop is a job: a body, the iterations, and chunks of them.  The thread that calls posts the job,
; wakes threads that sleep, works on chunks itself, and waits at last for those who took some.  So a
; thread that wakes late, or whose core is busy with something else, delays nobody: what it does not
; take, others do.  Each participant begins with chunks of its own part of the range, the same ones
; in each job of that size, which its cache may hold still; then it helps the others out.
;
; Invariants:
;   - gate counts in twos who is inside a job; bit 0 is set while the job can be entered.  A thread
;     reads nothing of a job before it is inside, and the caller gives the job up when nobody is;
;   - a chunk is taken once, by an atomic addition to the part's counter;
;   - who sleeps has set its word `sleeping`; whoever clears it releases the lock that it waits for.
; A caller that finds no free job, or no other thread, does all iterations itself.  Threads hold no
; state of the interpreter's and take no signals.  They are started when they are first needed, are
; never ended, and sleep when there was nothing to do for some 50 microseconds.

@threads.count = internal global i64 1, align 64      ; how many may work on a loop, the caller too
@threads.started = internal global i64 0
@threads.starting = internal global i32 0
@threads.set_mask = internal global i32 0              ; the C library's SIG_SETMASK
@threads.open = internal global i64 0, align 64       ; jobs that can be entered
@threads.jobs = internal global [$JOBS x %Job] zeroinitializer, align 64
@threads.workers = internal global [$MAX_THREADS x %Worker] zeroinitializer, align 64

; Sets how many threads there are, at least 1.
define void @lltheano_threads_configure(i64 %count, i32 %set.mask) nounwind {
  %most = call i64 @llvm.umin.i64(i64 %count, i64 $MAX_THREADS)
  store i32 %set.mask, ptr @threads.set_mask
  store atomic i64 %most, ptr @threads.count seq_cst, align 8
  ret void
}

define i64 @lltheano_threads_count() nounwind {
  %count = load atomic i64, ptr @threads.count monotonic, align 8
  ret i64 %count
}

; In a child after a fork: the threads are not there, and whoever worked on a job is not either.
define void @lltheano_threads_reset() nounwind {
  call void @llvm.memset.p0.i64(ptr @threads.jobs, i8 0, i64 $JOBS_BYTES, i1 false)
  call void @llvm.memset.p0.i64(ptr @threads.workers, i8 0, i64 $WORKERS_BYTES, i1 false)
  store i64 0, ptr @threads.started
  store i32 0, ptr @threads.starting
  store i64 0, ptr @threads.open
  ret void
}

; ---------------------------------------------------------------- chunks

; The bounds of a part, in chunks: part p of n has those from total * p / n on.
define internal i64 @first_of_part(i64 %total, i64 %part, i64 %parts) alwaysinline nounwind {
  %scaled = mul i64 %total, %part
  %first = udiv i64 %scaled, %parts
  ret i64 %first
}

; Runs one chunk of the part; false when it has none left.
define internal i1 @run_chunk(ptr %job, i64 %part) nounwind {
start:
  %total = call i64 @Job.chunks(ptr %job)
  %parts = call i64 @Job.parts(ptr %job)
  %following = add i64 %part, 1
  %end = call i64 @first_of_part(i64 %total, i64 %following, i64 %parts)
  %counters = call ptr @Job.counters.at(ptr %job)
  %slot = shl i64 %part, 3
  %counter = getelementptr i64, ptr %counters, i64 %slot
  %seen = load atomic i64, ptr %counter monotonic, align 8
  %left = icmp ult i64 %seen, %end
  br i1 %left, label %take, label %none
take:
  %number = atomicrmw add ptr %counter, i64 1 monotonic
  %mine = icmp ult i64 %number, %end
  br i1 %mine, label %run, label %none
run:
  %size = call i64 @Job.chunk(ptr %job)
  %extent = call i64 @Job.extent(ptr %job)
  %body = call ptr @Job.body(ptr %job)
  %table = call ptr @Job.table(ptr %job)
  %begin = mul i64 %number, %size
  %whole = add i64 %begin, %size
  %stop = call i64 @llvm.umin.i64(i64 %whole, i64 %extent)
  %status = call i32 %body(ptr %table, i64 %begin, i64 %stop)
  %done = icmp eq i32 %status, $DONE
  br i1 %done, label %some, label %fail
fail:
  %status.at = call ptr @Job.status.at(ptr %job)
  %ignored = cmpxchg ptr %status.at, i32 0, i32 %status monotonic monotonic
  br label %none
some:
  ret i1 true
none:
  ret i1 false
}

; Works on a job until nothing is left, or it has failed: first on the part of one's own.
define internal void @work_on(ptr %job, i64 %own) nounwind {
start:
  %parts = call i64 @Job.parts(ptr %job)
  br label %part
part:
  %n = phi i64 [ 0, %start ], [ %n.next, %over ]
  %sum = add i64 %own, %n
  %number = urem i64 %sum, %parts
  br label %chunk
chunk:
  %status.at = call ptr @Job.status.at(ptr %job)
  %status = load atomic i32, ptr %status.at monotonic, align 4
  %failed = icmp ne i32 %status, 0
  br i1 %failed, label %done, label %run
run:
  %ran = call i1 @run_chunk(ptr %job, i64 %number)
  br i1 %ran, label %chunk, label %over
over:
  %n.next = add i64 %n, 1
  %all = icmp eq i64 %n.next, %parts
  br i1 %all, label %done, label %part
done:
  ret void
}

; ---------------------------------------------------------------- workers

; Wakes up to %most threads that sleep.
define internal void @wake_threads(i64 %most) nounwind {
start:
  %started = load atomic i64, ptr @threads.started acquire, align 8
  %count = load atomic i64, ptr @threads.count monotonic, align 8
  %others = sub i64 %count, 1
  %useful = call i64 @llvm.umin.i64(i64 %started, i64 %others)
  br label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %on ]
  %left = phi i64 [ %most, %start ], [ %left.next, %on ]
  %end = icmp uge i64 %i, %useful
  %enough = icmp eq i64 %left, 0
  %stop = or i1 %end, %enough
  br i1 %stop, label %done, label %look
look:
  %worker = getelementptr [$MAX_THREADS x %Worker], ptr @threads.workers, i64 0, i64 %i
  %sleeping.at = call ptr @Worker.sleeping.at(ptr %worker)
  %asleep = load atomic i64, ptr %sleeping.at seq_cst, align 8
  %may = icmp ne i64 %asleep, 0
  br i1 %may, label %wake, label %on
wake:
  %was = atomicrmw xchg ptr %sleeping.at, i64 0 seq_cst
  %mine = icmp ne i64 %was, 0
  br i1 %mine, label %release, label %on
release:
  %lock = call ptr @Worker.lock(ptr %worker)
  call void @PyThread_release_lock(ptr %lock)
  %fewer = sub i64 %left, 1
  br label %on
on:
  %left.next = phi i64 [ %left, %look ], [ %left, %wake ], [ %fewer, %release ]
  %next = add i64 %i, 1
  br label %test
done:
  ret void
}

; Enters a job that can be entered and works on it; false when there is none.
define internal i1 @serve_jobs(i64 %own) nounwind {
start:
  %open = load atomic i64, ptr @threads.open seq_cst, align 8
  %idle = icmp eq i64 %open, 0
  br i1 %idle, label %none, label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %other ]
  %end = icmp eq i64 %i, $JOBS
  br i1 %end, label %none, label %look
look:
  %job = getelementptr [$JOBS x %Job], ptr @threads.jobs, i64 0, i64 %i
  %gate.at = call ptr @Job.gate.at(ptr %job)
  %gate = load atomic i64, ptr %gate.at acquire, align 8
  %bit = and i64 %gate, 1
  %closed = icmp eq i64 %bit, 0
  br i1 %closed, label %other, label %enter
enter:
  %inside = add i64 %gate, 2
  %pair = cmpxchg ptr %gate.at, i64 %gate, i64 %inside acq_rel monotonic
  %entered = extractvalue { i64, i1 } %pair, 1
  br i1 %entered, label %work, label %look
work:
  ; Who was woken wakes others: many are awake soon, and nobody wakes all of them.
  call void @wake_threads(i64 2)
  call void @work_on(ptr %job, i64 %own)
  ; Nothing is left to take: nobody else need enter.
  call void @close_job(ptr %job)
  %last = atomicrmw sub ptr %gate.at, i64 2 acq_rel
  ret i1 true
other:
  %next = add i64 %i, 1
  br label %test
none:
  ret i1 false
}

; Keeps others out from now on; the first who does so says that there is one open job less.
define internal void @close_job(ptr %job) nounwind {
start:
  %gate.at = call ptr @Job.gate.at(ptr %job)
  %before = atomicrmw and ptr %gate.at, i64 -2 acq_rel
  %bit = and i64 %before, 1
  %was.open = icmp ne i64 %bit, 0
  br i1 %was.open, label %count, label %done
count:
  %ignored = atomicrmw sub ptr @threads.open, i64 1 seq_cst
  br label %done
done:
  ret void
}

; Sleeps; one that may not work does so even where there is work.
define internal void @sleep_until_woken(ptr %worker, i1 %may.work) nounwind {
start:
  %sleeping.at = call ptr @Worker.sleeping.at(ptr %worker)
  %lock = call ptr @Worker.lock(ptr %worker)
  store atomic i64 1, ptr %sleeping.at seq_cst, align 8
  ; Whoever posts a job counts it first and looks for sleepers then: one of us sees the other.
  %open = load atomic i64, ptr @threads.open seq_cst, align 8
  %something = icmp ne i64 %open, 0
  %stay = and i1 %something, %may.work
  br i1 %stay, label %recall, label %sleep
recall:
  %was = atomicrmw xchg ptr %sleeping.at, i64 0 seq_cst
  %in.time = icmp ne i64 %was, 0
  br i1 %in.time, label %done, label %sleep
sleep:
  %ignored = call i32 @PyThread_acquire_lock(ptr %lock, i32 1)
  br label %done
done:
  ret void
}

; The life of a thread.
define internal ptr @thread_main(ptr %worker) nounwind {
start:
  %number = call i64 @Worker.number(ptr %worker)
  br label %fresh
fresh:
  %since = call i64 @nanoseconds()
  br label %search
search:
  %tries = phi i64 [ 0, %fresh ], [ %more, %again ]
  %count = load atomic i64, ptr @threads.count monotonic, align 8
  %wanted = icmp ult i64 %number, %count
  br i1 %wanted, label %serve, label %sleep
serve:
  %served = call i1 @serve_jobs(i64 %number)
  br i1 %served, label %fresh, label %idle
idle:
  call void @relax()
  %more = add i64 %tries, 1
  %rest = and i64 %more, 31
  %look = icmp eq i64 %rest, 0
  br i1 %look, label %time, label %again
time:
  %now = call i64 @nanoseconds()
  %spent = sub i64 %now, %since
  %tired = icmp sgt i64 %spent, $IDLE_NANOSECONDS
  br i1 %tired, label %sleep, label %again
again:
  br label %search
sleep:
  call void @sleep_until_woken(ptr %worker, i1 %wanted)
  br label %fresh
}

; Starts threads until there are as many as may work beside the caller.
define internal void @start_threads() nounwind {
start:
  %others = alloca [16 x i64], align 16
  %own = alloca [16 x i64], align 16
  %thread = alloca i64
  %pair = cmpxchg ptr @threads.starting, i32 0, i32 1 acquire monotonic
  %won = extractvalue { i32, i1 } %pair, 1
  br i1 %won, label %begin, label %done
begin:
  ; Signals are for threads that can run Python's handlers.
  %set.mask = load i32, ptr @threads.set_mask
  %filled = call i32 @sigfillset(ptr %others)
  %masked = call i32 @pthread_sigmask(i32 %set.mask, ptr %others, ptr %own)
  br label %test
test:
  %started = load i64, ptr @threads.started
  %number = add i64 %started, 1
  %count = load atomic i64, ptr @threads.count monotonic, align 8
  %missing = icmp ult i64 %number, %count
  br i1 %missing, label %make, label %end
make:
  %worker = getelementptr [$MAX_THREADS x %Worker], ptr @threads.workers, i64 0, i64 %started
  %lock = call ptr @PyThread_allocate_lock()
  %no.lock = icmp eq ptr %lock, null
  br i1 %no.lock, label %fewer, label %fill
fill:
  ; Taken from the start: who waits for it waits for a release.
  %taken = call i32 @PyThread_acquire_lock(ptr %lock, i32 1)
  %number.at = call ptr @Worker.number.at(ptr %worker)
  %lock.at = call ptr @Worker.lock.at(ptr %worker)
  store i64 %number, ptr %number.at
  store ptr %lock, ptr %lock.at
  %failed = call i32 @pthread_create(ptr %thread, ptr null, ptr @thread_main, ptr %worker)
  %made = icmp eq i32 %failed, 0
  br i1 %made, label %note, label %fewer
note:
  %handle = load i64, ptr %thread
  %detached = call i32 @pthread_detach(i64 %handle)
  store atomic i64 %number, ptr @threads.started release, align 8
  br label %test
fewer:
  ; The system gives no more: those that there are share the work.
  store atomic i64 %number, ptr @threads.count monotonic, align 8
  br label %end
end:
  %restored = call i32 @pthread_sigmask(i32 %set.mask, ptr %own, ptr null)
  store atomic i32 0, ptr @threads.starting release, align 4
  br label %done
done:
  ret void
}

; ---------------------------------------------------------------- the caller

; A job that nobody uses, or null.
define internal ptr @claim_job() nounwind {
start:
  br label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %other ]
  %end = icmp eq i64 %i, $JOBS
  br i1 %end, label %none, label %look
look:
  %job = getelementptr [$JOBS x %Job], ptr @threads.jobs, i64 0, i64 %i
  %owned.at = call ptr @Job.owned.at(ptr %job)
  %pair = cmpxchg ptr %owned.at, i32 0, i32 1 acquire monotonic
  %won = extractvalue { i32, i1 } %pair, 1
  br i1 %won, label %found, label %other
other:
  %next = add i64 %i, 1
  br label %test
found:
  ret ptr %job
none:
  ret ptr null
}

; The iterations of a chunk: of so many chunks that each thread has some and none is small, a
; multiple of %unit.
define internal i64 @chunk_size(i64 %extent, i64 %grain, i64 %unit, i64 %count) nounwind {
  %possible = udiv i64 %extent, %grain
  %few = mul i64 %count, $CHUNKS_OF_A_THREAD
  %usual = call i64 @llvm.umin.i64(i64 %possible, i64 %few)
  ; Whole rounds, so that all end at once.
  %rounds = udiv i64 %usual, %count
  %in.rounds = mul i64 %rounds, %count
  %less = icmp eq i64 %rounds, 0
  %balanced = select i1 %less, i64 %usual, i64 %in.rounds
  ; None so long that who waits for its end, to serve a signal, waits long.
  %long = mul i64 %grain, $LONGEST_CHUNK
  %least = udiv i64 %extent, %long
  %more = call i64 @llvm.umax.i64(i64 %balanced, i64 %least)
  %chunks = call i64 @llvm.umax.i64(i64 %more, i64 1)
  %up = add i64 %extent, %chunks
  %up.1 = sub i64 %up, 1
  %size = udiv i64 %up.1, %chunks
  %past = add i64 %size, %unit
  %past.1 = sub i64 %past, 1
  %units = udiv i64 %past.1, %unit
  %rounded = mul i64 %units, %unit
  ret i64 %rounded
}

; Waits until nobody is inside the job: spinning, then yielding, then sleeping.
define internal void @await_job(ptr %job) nounwind {
start:
  %gate.at = call ptr @Job.gate.at(ptr %job)
  br label %test
test:
  %tries = phi i64 [ 0, %start ], [ %more, %wait ]
  %gate = load atomic i64, ptr %gate.at acquire, align 8
  %empty = icmp eq i64 %gate, 0
  br i1 %empty, label %done, label %linger
linger:
  %more = add i64 %tries, 1
  %early = icmp ult i64 %tries, 2000
  br i1 %early, label %spin, label %later
spin:
  call void @relax()
  br label %wait
later:
  %soon = icmp ult i64 %tries, 4000
  br i1 %soon, label %yield, label %sleep
yield:
  %ignored = call i32 @sched_yield()
  br label %wait
sleep:
  %ignored.too = call i32 @usleep(i32 50)
  br label %wait
wait:
  br label %test
done:
  ret void
}

; Runs the body, `i32 (ptr table, i64 begin, i64 end)`, for all of 0 ... %extent - 1: in chunks that
; begin at multiples of %unit, on several threads where %grain iterations are worth one.  Returns the
; status of a chunk that failed, if one did; others may have run then, or not.
define i32 @lltheano_parallel(ptr %body, ptr %table, i64 %extent, i64 %grain, i64 %unit) nounwind {
start:
  %count = load atomic i64, ptr @threads.count monotonic, align 8
  %alone = icmp ule i64 %count, 1
  br i1 %alone, label %serial, label %measure
measure:
  %chunk = call i64 @chunk_size(i64 %extent, i64 %grain, i64 %unit, i64 %count)
  %one = icmp uge i64 %chunk, %extent
  br i1 %one, label %serial, label %claim
serial:
  %only = call i32 %body(ptr %table, i64 0, i64 %extent)
  ret i32 %only
claim:
  %job = call ptr @claim_job()
  %none = icmp eq ptr %job, null
  br i1 %none, label %serial, label %prepare
prepare:
  %started = load atomic i64, ptr @threads.started acquire, align 8
  %present = add i64 %started, 1
  %complete = icmp uge i64 %present, %count
  br i1 %complete, label %post, label %begin
begin:
  call void @start_threads()
  br label %post
post:
  call void @post_job(ptr %job, ptr %body, ptr %table, i64 %extent, i64 %chunk, i64 %count)
  call void @wake_threads(i64 2)
  call void @work_on(ptr %job, i64 0)
  call void @close_job(ptr %job)
  call void @await_job(ptr %job)
  %status = call i32 @Job.status(ptr %job)
  %owned.at = call ptr @Job.owned.at(ptr %job)
  store atomic i32 0, ptr %owned.at release, align 4
  ret i32 %status
}

define internal void @post_job(ptr %job, ptr %body, ptr %table, i64 %extent, i64 %chunk,
                               i64 %count) nounwind {
start:
  %body.at = call ptr @Job.body.at(ptr %job)
  %table.at = call ptr @Job.table.at(ptr %job)
  %extent.at = call ptr @Job.extent.at(ptr %job)
  %chunk.at = call ptr @Job.chunk.at(ptr %job)
  %chunks.at = call ptr @Job.chunks.at(ptr %job)
  %parts.at = call ptr @Job.parts.at(ptr %job)
  %status.at = call ptr @Job.status.at(ptr %job)
  %gate.at = call ptr @Job.gate.at(ptr %job)
  %counters = call ptr @Job.counters.at(ptr %job)
  %up = add i64 %extent, %chunk
  %up.1 = sub i64 %up, 1
  %chunks = udiv i64 %up.1, %chunk
  %parts = call i64 @llvm.umin.i64(i64 %count, i64 $PARTS)
  store ptr %body, ptr %body.at
  store ptr %table, ptr %table.at
  store i64 %extent, ptr %extent.at
  store i64 %chunk, ptr %chunk.at
  store i64 %chunks, ptr %chunks.at
  store i64 %parts, ptr %parts.at
  store i32 0, ptr %status.at
  br label %fill
fill:
  %part = phi i64 [ 0, %start ], [ %next, %fill ]
  %first = call i64 @first_of_part(i64 %chunks, i64 %part, i64 %parts)
  %slot = shl i64 %part, 3
  %counter = getelementptr i64, ptr %counters, i64 %slot
  store i64 %first, ptr %counter
  %next = add i64 %part, 1
  %end = icmp eq i64 %next, %parts
  br i1 %end, label %open, label %fill
open:
  store atomic i64 1, ptr %gate.at release, align 8
  %ignored = atomicrmw add ptr @threads.open, i64 1 seq_cst
  ret void
}

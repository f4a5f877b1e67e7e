; The reader/writer lock of a storage.
;
; state counts the readers inside; -1 is one writer, -2 marks contents torn by a fork.  Rules:
;   - an attempt never waits and costs one atomic exchange when nobody is in the way;
;   - who must wait queues: whoever comes later, reader or writer, waits behind, unless both only
;     read.  So a waiter gets in after at most the calls that came before it;
;   - a thread whose call is in Python code (a function that the program calls, a signal handler)
;     may hold the storage already for reading, and must not queue behind a writer that waits for it: it
;     reads past those that wait;
;   - the thread that holds a storage for writing may read it and is refused a second writing;
;   - waiting spins, then yields, then sleeps for growing times, and ends when its budget
;     (microseconds) is spent, so that Python regains control and signals are served.  Its place in
;     the queue waits for it meanwhile, and keeps nobody out.
; Only threads that have released the GIL may pass a budget above 0.

@lock.waited = internal global i64 0          ; nanoseconds, where no compiled function waits
@queue.lock = internal global i32 0, align 64
@queue.next = internal global i64 1
@queue.places = internal global [$QUEUE_PLACES x %Place] zeroinitializer
@nested.threads = internal global [$NESTED_THREADS x i64] zeroinitializer
@nested.count = internal global i64 0

define internal void @queue_lock() nounwind {
start:
  br label %attempt
attempt:
  %pair = cmpxchg ptr @queue.lock, i32 0, i32 1 acquire monotonic
  %won = extractvalue { i32, i1 } %pair, 1
  br i1 %won, label %done, label %yield
yield:
  %ignored = call i32 @sched_yield()
  br label %attempt
done:
  ret void
}

define internal void @queue_unlock() alwaysinline nounwind {
  store atomic i32 0, ptr @queue.lock release, align 4
  ret void
}

; The place of the thread that waits for the storage: the one that it had, or a new one; null when
; there are too many, and it gets in when nobody else waits.  The queue is locked.
define internal ptr @find_place(ptr %storage, i64 %self) nounwind {
start:
  br label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %other ]
  %spare = phi ptr [ null, %start ], [ %chosen, %other ]
  %end = icmp eq i64 %i, $QUEUE_PLACES
  br i1 %end, label %take, label %look
look:
  %place = getelementptr [$QUEUE_PLACES x %Place], ptr @queue.places, i64 0, i64 %i
  %owner = call i64 @Place.thread(ptr %place)
  %wanted = call ptr @Place.storage(ptr %place)
  %present = call i64 @Place.present(ptr %place)
  %same.thread = icmp eq i64 %owner, %self
  %same.storage = icmp eq ptr %wanted, %storage
  %away = icmp eq i64 %present, 0
  %mine = and i1 %same.thread, %same.storage
  %resumes = and i1 %mine, %away
  br i1 %resumes, label %found, label %other
other:
  ; A free place before one whose thread is away: it may come back.
  %free = icmp eq ptr %wanted, null
  %none.yet = icmp eq ptr %spare, null
  %second.best = and i1 %none.yet, %away
  %better = or i1 %free, %second.best
  %chosen = select i1 %better, ptr %place, ptr %spare
  %next = add i64 %i, 1
  br label %test
take:
  %full = icmp eq ptr %spare, null
  br i1 %full, label %none, label %fill
fill:
  %number = load i64, ptr @queue.next
  %more = add i64 %number, 1
  store i64 %more, ptr @queue.next
  %new.storage.at = call ptr @Place.storage.at(ptr %spare)
  %number.at = call ptr @Place.number.at(ptr %spare)
  %thread.at = call ptr @Place.thread.at(ptr %spare)
  store i64 %self, ptr %thread.at
  store ptr %storage, ptr %new.storage.at
  store i64 %number, ptr %number.at
  br label %found
found:
  %own = phi ptr [ %place, %look ], [ %spare, %fill ]
  ret ptr %own
none:
  ret ptr null
}

define internal ptr @enter_queue(ptr %storage, i64 %self, i64 %mode) nounwind {
start:
  call void @queue_lock()
  %place = call ptr @find_place(ptr %storage, i64 %self)
  %none = icmp eq ptr %place, null
  br i1 %none, label %done, label %fill
fill:
  %mode.at = call ptr @Place.mode.at(ptr %place)
  %present.at = call ptr @Place.present.at(ptr %place)
  store i64 %mode, ptr %mode.at
  store i64 1, ptr %present.at
  br label %done
done:
  call void @queue_unlock()
  ret ptr %place
}

; Gives the place up, or only leaves it for a while.
define internal void @leave_queue(ptr %place, i1 %for.good) nounwind {
start:
  %none = icmp eq ptr %place, null
  br i1 %none, label %done, label %leave
leave:
  call void @queue_lock()
  %storage.at = call ptr @Place.storage.at(ptr %place)
  %present.at = call ptr @Place.present.at(ptr %place)
  store i64 0, ptr %present.at
  %storage = load ptr, ptr %storage.at
  %kept = select i1 %for.good, ptr null, ptr %storage
  store ptr %kept, ptr %storage.at
  call void @queue_unlock()
  br label %done
done:
  ret void
}

; Whether nobody who came before waits for the storage and is in the way.
define internal i1 @is_first(ptr %place, ptr %storage, i64 %mode) nounwind {
start:
  call void @queue_lock()
  %placed = icmp ne ptr %place, null
  br i1 %placed, label %know, label %search
know:
  %known = call i64 @Place.number(ptr %place)
  br label %search
search:
  %number = phi i64 [ 9223372036854775807, %start ], [ %known, %know ]
  br label %test
test:
  %i = phi i64 [ 0, %search ], [ %next, %look ]
  %clear = phi i1 [ true, %search ], [ %still, %look ]
  %end = icmp eq i64 %i, $QUEUE_PLACES
  br i1 %end, label %done, label %look
look:
  %other = getelementptr [$QUEUE_PLACES x %Place], ptr @queue.places, i64 0, i64 %i
  %wanted = call ptr @Place.storage(ptr %other)
  %other.number = call i64 @Place.number(ptr %other)
  %other.mode = call i64 @Place.mode(ptr %other)
  %present = call i64 @Place.present(ptr %other)
  %same = icmp eq ptr %wanted, %storage
  %earlier = icmp slt i64 %other.number, %number
  %modes = or i64 %mode, %other.mode
  %conflict = icmp ne i64 %modes, 0
  %waits = icmp ne i64 %present, 0
  %a = and i1 %same, %earlier
  %b = and i1 %conflict, %waits
  %bars = and i1 %a, %b
  %open = xor i1 %bars, true
  %still = and i1 %clear, %open
  %next = add i64 %i, 1
  br label %test
done:
  call void @queue_unlock()
  ret i1 %clear
}

; In a forked child: nobody waits.
define void @lltheano_queue_reset() nounwind {
  call void @llvm.memset.p0.i64(ptr @queue.places, i8 0, i64 $QUEUE_BYTES, i1 false)
  call void @llvm.memset.p0.i64(ptr @nested.threads, i8 0, i64 $NESTED_BYTES, i1 false)
  store i64 0, ptr @nested.count
  store i32 0, ptr @queue.lock
  ret void
}

; ---------------------------------------------------------------- threads in nested Python code

; Notes that the thread's call may run Python code, until @leave_nested is given what this returns.
define internal ptr @enter_nested(i64 %self) nounwind {
start:
  %counted = atomicrmw add ptr @nested.count, i64 1 monotonic
  br label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %taken ]
  %end = icmp eq i64 %i, $NESTED_THREADS
  br i1 %end, label %none, label %look
look:
  %slot = getelementptr [$NESTED_THREADS x i64], ptr @nested.threads, i64 0, i64 %i
  %pair = cmpxchg ptr %slot, i64 0, i64 %self monotonic monotonic
  %won = extractvalue { i64, i1 } %pair, 1
  br i1 %won, label %done, label %taken
taken:
  %next = add i64 %i, 1
  br label %test
done:
  ret ptr %slot
none:
  ret ptr null
}

define internal void @leave_nested(ptr %slot) nounwind {
start:
  %uncounted = atomicrmw sub ptr @nested.count, i64 1 monotonic
  %none = icmp eq ptr %slot, null
  br i1 %none, label %done, label %free
free:
  store atomic i64 0, ptr %slot monotonic, align 8
  br label %done
done:
  ret void
}

define internal i1 @is_nested(i64 %self) nounwind {
start:
  %count = load atomic i64, ptr @nested.count monotonic, align 8
  %nobody = icmp eq i64 %count, 0
  br i1 %nobody, label %no, label %weigh
weigh:
  ; More threads than are noted: any may be one of them.
  %many = icmp ugt i64 %count, $NESTED_THREADS
  br i1 %many, label %yes, label %test
test:
  %i = phi i64 [ 0, %weigh ], [ %next, %look ]
  %end = icmp eq i64 %i, $NESTED_THREADS
  br i1 %end, label %no, label %look
look:
  %slot = getelementptr [$NESTED_THREADS x i64], ptr @nested.threads, i64 0, i64 %i
  %thread = load atomic i64, ptr %slot monotonic, align 8
  %same = icmp eq i64 %thread, %self
  %next = add i64 %i, 1
  br i1 %same, label %yes, label %test
yes:
  ret i1 true
no:
  ret i1 false
}

; ---------------------------------------------------------------- attempts

; Enters as a reader.  %barge: pass those that wait.
define internal i32 @try_read(ptr %storage, i64 %self, i1 %barge) alwaysinline nounwind {
start:
  %state.at = call ptr @Storage.state.at(ptr %storage)
  %waiting.at = call ptr @Storage.waiting.at(ptr %storage)
  br label %attempt
attempt:
  %state = load atomic i64, ptr %state.at monotonic, align 8
  %taken = icmp slt i64 %state, 0
  br i1 %taken, label %refused, label %queue
queue:
  %waiting = load atomic i64, ptr %waiting.at monotonic, align 8
  %free = icmp eq i64 %waiting, 0
  %pass = or i1 %free, %barge
  br i1 %pass, label %exchange, label %busy
exchange:
  %more = add i64 %state, 1
  %pair = cmpxchg ptr %state.at, i64 %state, i64 %more acquire monotonic
  %won = extractvalue { i64, i1 } %pair, 1
  br i1 %won, label %inside, label %attempt
refused:
  %torn = icmp eq i64 %state, -2
  br i1 %torn, label %broken, label %examine
examine:
  %owner.at = call ptr @Storage.writer.at(ptr %storage)
  %owner = load atomic i64, ptr %owner.at monotonic, align 8
  %own = icmp eq i64 %owner, %self
  br i1 %own, label %inside, label %busy
inside:
  ret i32 $DONE
busy:
  ret i32 $BUSY
broken:
  ret i32 $TORN
}

; Enters as a writer.  %barge: pass those that wait.
define internal i32 @try_write(ptr %storage, i64 %self, i1 %barge) alwaysinline nounwind {
start:
  %state.at = call ptr @Storage.state.at(ptr %storage)
  %owner.at = call ptr @Storage.writer.at(ptr %storage)
  %waiting.at = call ptr @Storage.waiting.at(ptr %storage)
  %waiting = load atomic i64, ptr %waiting.at monotonic, align 8
  %nobody = icmp eq i64 %waiting, 0
  %pass = or i1 %nobody, %barge
  br i1 %pass, label %exchange, label %queue
queue:
  %seen = load atomic i64, ptr %state.at monotonic, align 8
  br label %examine.seen
exchange:
  %pair = cmpxchg ptr %state.at, i64 0, i64 -1 acquire monotonic
  %won = extractvalue { i64, i1 } %pair, 1
  br i1 %won, label %inside, label %refused
inside:
  store atomic i64 %self, ptr %owner.at monotonic, align 8
  ret i32 $DONE
refused:
  %found = extractvalue { i64, i1 } %pair, 0
  br label %examine.seen
examine.seen:
  %state = phi i64 [ %seen, %queue ], [ %found, %refused ]
  %torn = icmp eq i64 %state, -2
  br i1 %torn, label %broken, label %examine
examine:
  ; A stale owner can only be 0: it is cleared before the state is.
  %owner = load atomic i64, ptr %owner.at monotonic, align 8
  %own = icmp eq i64 %owner, %self
  %status = select i1 %own, i32 $OWN_LEASE, i32 $BUSY
  ret i32 %status
broken:
  ret i32 $TORN
}

define internal i32 @try_lock(ptr %storage, i64 %mode, i64 %self, i1 %barge) alwaysinline nounwind {
start:
  %write = icmp ne i64 %mode, 0
  br i1 %write, label %writer, label %reader
writer:
  %written = call i32 @try_write(ptr %storage, i64 %self, i1 %barge)
  ret i32 %written
reader:
  %read = call i32 @try_read(ptr %storage, i64 %self, i1 %barge)
  ret i32 %read
}

define internal void @unlock_read(ptr %storage) alwaysinline nounwind {
start:
  %state.at = call ptr @Storage.state.at(ptr %storage)
  ; A reader inside keeps the state positive, so -1 can only be this thread's own writing.
  %state = load atomic i64, ptr %state.at monotonic, align 8
  %own = icmp slt i64 %state, 0
  br i1 %own, label %done, label %leave
leave:
  %before = atomicrmw sub ptr %state.at, i64 1 release
  br label %done
done:
  ret void
}

define internal void @unlock_write(ptr %storage) alwaysinline nounwind {
  %state.at = call ptr @Storage.state.at(ptr %storage)
  %owner.at = call ptr @Storage.writer.at(ptr %storage)
  store atomic i64 0, ptr %owner.at monotonic, align 8
  store atomic i64 0, ptr %state.at release, align 8
  ret void
}

define internal void @unlock(ptr %storage, i64 %mode) alwaysinline nounwind {
start:
  %write = icmp ne i64 %mode, 0
  br i1 %write, label %writer, label %reader
writer:
  call void @unlock_write(ptr %storage)
  ret void
reader:
  call void @unlock_read(ptr %storage)
  ret void
}

; Waits one step and returns the microseconds to charge for it: 200 rounds of spinning, 50 of
; yielding, then sleeps that double from 16 us to 1 ms.
define internal i64 @wait_step(i64 %round) nounwind {
start:
  %spin = icmp ult i64 %round, 200
  br i1 %spin, label %spinning, label %pause
spinning:
  ret i64 0
pause:
  %yield = icmp ult i64 %round, 250
  br i1 %yield, label %yielding, label %sleeping
yielding:
  %ignored = call i32 @sched_yield()
  ret i64 1
sleeping:
  %doublings = sub i64 %round, 250
  %bounded = call i64 @llvm.umin.i64(i64 %doublings, i64 6)
  %doubled = shl i64 16, %bounded
  %length = call i64 @llvm.umin.i64(i64 %doubled, i64 1000)
  %length.32 = trunc i64 %length to i32
  %slept = call i32 @usleep(i32 %length.32)
  ; The kernel's timer adds some 60 us to every sleep.
  %charge = add i64 %length, 60
  ret i64 %charge
}

; Locks the storage, waiting for as long as the budget lasts and charging the wait to it.  %keep: the
; place in the queue is kept even when the lock was had.  The time of a wait is added to %waited.
define internal i32 @lock_storage(ptr %storage, i64 %mode, i64 %self, ptr %budget, i1 %keep,
                                  ptr %waited) nounwind {
start:
  %first = call i32 @try_lock(ptr %storage, i64 %mode, i64 %self, i1 false)
  %busy = icmp eq i32 %first, $BUSY
  br i1 %busy, label %consider, label %decided
consider:
  %reads = icmp eq i64 %mode, 0
  %nested = call i1 @is_nested(i64 %self)
  %ahead = and i1 %reads, %nested
  %second = call i32 @try_lock(ptr %storage, i64 %mode, i64 %self, i1 %ahead)
  %still.busy = icmp eq i32 %second, $BUSY
  %funds = load i64, ptr %budget
  %may.wait = icmp sgt i64 %funds, 0
  %wait = and i1 %still.busy, %may.wait
  br i1 %wait, label %enlist, label %decided
decided:
  %outcome = phi i32 [ %first, %start ], [ %second, %consider ]
  ret i32 %outcome
enlist:
  %since = call i64 @nanoseconds()
  %waiting.at = call ptr @Storage.waiting.at(ptr %storage)
  %place = call ptr @enter_queue(ptr %storage, i64 %self, i64 %mode)
  %enlisted = atomicrmw add ptr %waiting.at, i64 1 monotonic
  br label %attempt
attempt:
  %round = phi i64 [ 0, %enlist ], [ %next.round, %pause ]
  %spent = phi i64 [ 0, %enlist ], [ %next.spent, %pause ]
  %first.of.all = call i1 @is_first(ptr %place, ptr %storage, i64 %mode)
  %turn = or i1 %first.of.all, %ahead
  %status = call i32 @try_lock(ptr %storage, i64 %mode, i64 %self, i1 %turn)
  %still = icmp eq i32 %status, $BUSY
  %left = sub i64 %funds, %spent
  %solvent = icmp sgt i64 %left, 0
  %go.on = and i1 %still, %solvent
  br i1 %go.on, label %pause, label %leave
pause:
  %charge = call i64 @wait_step(i64 %round)
  %next.spent = add i64 %spent, %charge
  %next.round = add i64 %round, 1
  br label %attempt
leave:
  store i64 %left, ptr %budget
  %lose = xor i1 %keep, true
  %ended = xor i1 %still, true
  %for.good = and i1 %ended, %lose
  call void @leave_queue(ptr %place, i1 %for.good)
  %delisted = atomicrmw sub ptr %waiting.at, i64 1 monotonic
  %now = call i64 @nanoseconds()
  %wait.time = sub i64 %now, %since
  %noted = atomicrmw add ptr %waited, i64 %wait.time monotonic
  ret i32 %status
}

; One lock by itself, for a fork.
define i32 @lltheano_storage_lock(ptr %storage, i64 %mode, i64 %microseconds) nounwind {
  %budget = alloca i64
  store i64 %microseconds, ptr %budget
  %self = call i64 @PyThread_get_thread_ident()
  %status = call i32 @lock_storage(ptr %storage, i64 %mode, i64 %self, ptr %budget, i1 false, ptr @lock.waited)
  ret i32 %status
}

define void @lltheano_storage_unlock(ptr %storage, i64 %mode) nounwind {
  call void @unlock(ptr %storage, i64 %mode)
  ret void
}

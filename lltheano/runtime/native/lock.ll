; Part 3: the reader/writer lock of a cell.
;
; state counts the readers inside; -1 is one writer, -2 marks contents torn by a fork.  Rules:
;   - an attempt never waits and costs one atomic exchange when nobody is in the way;
;   - a waiting writer bars new readers, so that writers are not starved; a reader that has waited
;     for some milliseconds is let in all the same, so that readers are not starved either;
;   - the thread that holds a cell for writing may read it and is refused a second writing;
;   - waiting spins, then yields, then sleeps for growing times, and ends when its budget
;     (microseconds) is spent, so that Python regains control and signals are served.
; Only threads that have released the GIL may pass a budget above 0.

; Enters as a reader.  %barge: pass waiting writers.
define internal i32 @try_read(ptr %cell, i64 %self, i1 %barge) alwaysinline nounwind {
start:
  %waiting.at = getelementptr %Cell, ptr %cell, i64 0, i32 1
  br label %attempt
attempt:
  %state = load atomic i64, ptr %cell monotonic, align 8
  %taken = icmp slt i64 %state, 0
  br i1 %taken, label %refused, label %queue
queue:
  %waiting = load atomic i64, ptr %waiting.at monotonic, align 8
  %free = icmp eq i64 %waiting, 0
  %pass = or i1 %free, %barge
  br i1 %pass, label %exchange, label %busy
exchange:
  %more = add i64 %state, 1
  %pair = cmpxchg ptr %cell, i64 %state, i64 %more acquire monotonic
  %won = extractvalue { i64, i1 } %pair, 1
  br i1 %won, label %inside, label %attempt
refused:
  %torn = icmp eq i64 %state, -2
  br i1 %torn, label %broken, label %examine
examine:
  %owner.at = getelementptr %Cell, ptr %cell, i64 0, i32 2
  %owner = load atomic i64, ptr %owner.at monotonic, align 8
  %own = icmp eq i64 %owner, %self
  br i1 %own, label %inside, label %busy
inside:
  ret i32 0
busy:
  ret i32 16
broken:
  ret i32 20
}

define internal i32 @try_write(ptr %cell, i64 %self) alwaysinline nounwind {
start:
  %owner.at = getelementptr %Cell, ptr %cell, i64 0, i32 2
  %pair = cmpxchg ptr %cell, i64 0, i64 -1 acquire monotonic
  %won = extractvalue { i64, i1 } %pair, 1
  br i1 %won, label %inside, label %refused
inside:
  store atomic i64 %self, ptr %owner.at monotonic, align 8
  ret i32 0
refused:
  %state = extractvalue { i64, i1 } %pair, 0
  %torn = icmp eq i64 %state, -2
  br i1 %torn, label %broken, label %examine
examine:
  ; A stale owner can only be 0: it is cleared before the state is.
  %owner = load atomic i64, ptr %owner.at monotonic, align 8
  %own = icmp eq i64 %owner, %self
  %status = select i1 %own, i32 17, i32 16
  ret i32 %status
broken:
  ret i32 20
}

define internal i32 @try_lock(ptr %cell, i64 %mode, i64 %self, i1 %barge) alwaysinline nounwind {
start:
  %write = icmp ne i64 %mode, 0
  br i1 %write, label %writer, label %reader
writer:
  %written = call i32 @try_write(ptr %cell, i64 %self)
  ret i32 %written
reader:
  %read = call i32 @try_read(ptr %cell, i64 %self, i1 %barge)
  ret i32 %read
}

define internal void @unlock_read(ptr %cell) alwaysinline nounwind {
start:
  ; A reader inside keeps the state positive, so -1 can only be this thread's own writing.
  %state = load atomic i64, ptr %cell monotonic, align 8
  %own = icmp slt i64 %state, 0
  br i1 %own, label %done, label %leave
leave:
  %before = atomicrmw sub ptr %cell, i64 1 release
  br label %done
done:
  ret void
}

define internal void @unlock_write(ptr %cell) alwaysinline nounwind {
  %owner.at = getelementptr %Cell, ptr %cell, i64 0, i32 2
  store atomic i64 0, ptr %owner.at monotonic, align 8
  store atomic i64 0, ptr %cell release, align 8
  ret void
}

define internal void @unlock(ptr %cell, i64 %mode) alwaysinline nounwind {
start:
  %write = icmp ne i64 %mode, 0
  br i1 %write, label %writer, label %reader
writer:
  call void @unlock_write(ptr %cell)
  ret void
reader:
  call void @unlock_read(ptr %cell)
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

; Locks the cell, waiting for as long as the budget lasts and charging the wait to it.
define internal i32 @lock_cell(ptr %cell, i64 %mode, i64 %self, ptr %budget) nounwind {
start:
  %first = call i32 @try_lock(ptr %cell, i64 %mode, i64 %self, i1 false)
  %busy = icmp eq i32 %first, 16
  %funds = load i64, ptr %budget
  %may.wait = icmp sgt i64 %funds, 0
  %wait = and i1 %busy, %may.wait
  br i1 %wait, label %enlist, label %decided
decided:
  ret i32 %first
enlist:
  %waiting.at = getelementptr %Cell, ptr %cell, i64 0, i32 1
  %enlisted = atomicrmw add ptr %waiting.at, i64 %mode monotonic
  br label %attempt
attempt:
  %round = phi i64 [ 0, %enlist ], [ %next.round, %pause ]
  %spent = phi i64 [ 0, %enlist ], [ %next.spent, %pause ]
  %barge = icmp ugt i64 %spent, 5000
  %status = call i32 @try_lock(ptr %cell, i64 %mode, i64 %self, i1 %barge)
  %still = icmp eq i32 %status, 16
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
  %delisted = atomicrmw sub ptr %waiting.at, i64 %mode monotonic
  ret i32 %status
}

; One lock by itself, for a fork.
define i32 @lltheano_cell_lock(ptr %cell, i64 %mode, i64 %microseconds) nounwind {
  %budget = alloca i64
  store i64 %microseconds, ptr %budget
  %self = call i64 @PyThread_get_thread_ident()
  %status = call i32 @lock_cell(ptr %cell, i64 %mode, i64 %self, ptr %budget)
  ret i32 %status
}

define void @lltheano_cell_unlock(ptr %cell, i64 %mode) nounwind {
  call void @unlock(ptr %cell, i64 %mode)
  ret void
}

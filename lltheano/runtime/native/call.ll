; The call driver.
;
; One call is one step: lock every storage in creation order, fill the frame, run the entry, commit,
; unlock.  Only a call whose entry returned 0 commits, and nothing that can fail follows.  Locks are
; taken in one order and let go of after some milliseconds, so calls alone cannot deadlock.
;
; A frame is the caller's: 8-byte words that hold, for each parameter, the data pointer, the sizes
; and the strides in bytes; for each result the data pointer and the sizes; then eight report words
; and the number of the table of host functions.

define internal void @unlock_first(ptr %plan, i64 %count) alwaysinline nounwind {
start:
  %locks = call ptr @Plan.locks(ptr %plan)
  br label %test
test:
  %left = phi i64 [ %count, %start ], [ %i, %release ]
  %end = icmp eq i64 %left, 0
  br i1 %end, label %done, label %release
release:
  %i = sub i64 %left, 1
  %lock = getelementptr %Lock, ptr %locks, i64 %i
  %storage = call ptr @Lock.storage(ptr %lock)
  %mode = call i64 @Lock.mode(ptr %lock)
  call void @unlock(ptr %storage, i64 %mode)
  br label %test
done:
  ret void
}

; Takes all locks in order, waiting for each as long as %patience lasts and %budget has it.  On any
; status but 0 no lock is held and the first report word is the number of the lock that could not
; be had.
define internal i32 @lock_in_order(ptr %plan, ptr %frame, i64 %self, i64 %patience,
                                   ptr %budget) alwaysinline nounwind {
start:
  %count = call i64 @Plan.lock_count(ptr %plan)
  %locks = call ptr @Plan.locks(ptr %plan)
  %waited = call ptr @Plan.waited.at(ptr %plan)
  %allowance = alloca i64
  br label %take
take:
  %i = phi i64 [ 0, %start ], [ %next, %taken ]
  %lock = getelementptr %Lock, ptr %locks, i64 %i
  %storage = call ptr @Lock.storage(ptr %lock)
  %mode = call i64 @Lock.mode(ptr %lock)
  %funds = load i64, ptr %budget
  %granted = call i64 @llvm.smin.i64(i64 %funds, i64 %patience)
  store i64 %granted, ptr %allowance
  %status = call i32 @lock_storage(ptr %storage, i64 %mode, i64 %self, ptr %allowance, i1 false, ptr %waited)
  %left = load i64, ptr %allowance
  %spent = sub i64 %granted, %left
  %rest = sub i64 %funds, %spent
  store i64 %rest, ptr %budget
  %ok = icmp eq i32 %status, $DONE
  br i1 %ok, label %taken, label %give_up
taken:
  %next = add i64 %i, 1
  %all = icmp eq i64 %next, %count
  br i1 %all, label %done, label %take
give_up:
  call void @unlock_first(ptr %plan, i64 %i)
  %report = call i64 @Plan.report(ptr %plan)
  %word = getelementptr i64, ptr %frame, i64 %report
  store i64 %i, ptr %word
  ret i32 %status
done:
  ret i32 $DONE
}

; Waits for the lock that the report names with no other held, and lets go of it again.
define internal i32 @await_reported(ptr %plan, ptr %frame, i64 %self, ptr %budget) nounwind {
start:
  %locks = call ptr @Plan.locks(ptr %plan)
  %report = call i64 @Plan.report(ptr %plan)
  %word = getelementptr i64, ptr %frame, i64 %report
  %number = load i64, ptr %word
  %lock = getelementptr %Lock, ptr %locks, i64 %number
  %storage = call ptr @Lock.storage(ptr %lock)
  %mode = call i64 @Lock.mode(ptr %lock)
  %waited = call ptr @Plan.waited.at(ptr %plan)
  %status = call i32 @lock_storage(ptr %storage, i64 %mode, i64 %self, ptr %budget, i1 true,
                                   ptr %waited)
  %ok = icmp eq i32 %status, $DONE
  br i1 %ok, label %release, label %done
release:
  call void @unlock(ptr %storage, i64 %mode)
  br label %done
done:
  ret i32 %status
}

; Takes all locks, or none.  Short contention is waited out in order, 5 ms for each lock, with the
; earlier ones held: so every call comes to its turn.  What lasts longer, such as a lease, is waited
; for with nothing held: so the other storages of this call stay usable meanwhile.
define internal i32 @lock_all(ptr %plan, ptr %frame, i64 %microseconds) alwaysinline nounwind {
start:
  %budget = alloca i64
  store i64 %microseconds, ptr %budget
  %count = call i64 @Plan.lock_count(ptr %plan)
  %none = icmp eq i64 %count, 0
  br i1 %none, label %nothing, label %identify
nothing:
  ret i32 $DONE
identify:
  %self = call i64 @PyThread_get_thread_ident()
  br label %attempt
attempt:
  %sole = icmp eq i64 %count, 1
  %patience = select i1 %sole, i64 %microseconds, i64 5000
  %status = call i32 @lock_in_order(ptr %plan, ptr %frame, i64 %self, i64 %patience, ptr %budget)
  %busy = icmp eq i32 %status, $BUSY
  %funds = load i64, ptr %budget
  %solvent = icmp sgt i64 %funds, 0
  %wait = and i1 %busy, %solvent
  br i1 %wait, label %await, label %done
await:
  %waited = call i32 @await_reported(ptr %plan, ptr %frame, i64 %self, ptr %budget)
  %free = icmp eq i32 %waited, $DONE
  br i1 %free, label %attempt, label %refused
refused:
  ret i32 %waited
done:
  ret i32 %status
}

; Writes the strides of a C-contiguous array.
define internal void @contiguous_strides(ptr %sizes, ptr %strides, i64 %rank,
                                         i64 %itemsize) alwaysinline nounwind {
start:
  br label %test
test:
  %left = phi i64 [ %rank, %start ], [ %d, %set ]
  %stride = phi i64 [ %itemsize, %start ], [ %outer, %set ]
  %end = icmp eq i64 %left, 0
  br i1 %end, label %done, label %set
set:
  %d = sub i64 %left, 1
  %stride.at = getelementptr i64, ptr %strides, i64 %d
  store i64 %stride, ptr %stride.at
  %size.at = getelementptr i64, ptr %sizes, i64 %d
  %size = load i64, ptr %size.at
  %outer = mul i64 %stride, %size
  br label %test
done:
  ret void
}

define internal void @fill_host(ptr %plan, ptr %frame) alwaysinline nounwind {
  %host = call i64 @Plan.host(ptr %plan)
  %word = call i64 @Plan.host_word(ptr %plan)
  %host.to = getelementptr i64, ptr %frame, i64 %word
  store i64 %host, ptr %host.to
  ret void
}

define internal void @fill_shared(ptr %plan, ptr %frame) alwaysinline nounwind {
start:
  %count = call i64 @Plan.parameter_count(ptr %plan)
  %parameters = call ptr @Plan.parameters(ptr %plan)
  %inputs = call i64 @Plan.input_count(ptr %plan)
  br label %test
test:
  %i = phi i64 [ %inputs, %start ], [ %next, %fill ]
  %end = icmp eq i64 %i, %count
  br i1 %end, label %done, label %fill
fill:
  %parameter = getelementptr %Parameter, ptr %parameters, i64 %i
  %storage = call ptr @Parameter.storage(ptr %parameter)
  %word = call i64 @Parameter.word(ptr %parameter)
  %sizes.at = call ptr @Storage.sizes.at(ptr %storage)
  %data = call ptr @Storage.data(ptr %storage)
  %rank = call i64 @Storage.rank(ptr %storage)
  %itemsize = call i64 @Storage.itemsize(ptr %storage)
  %data.to = getelementptr i64, ptr %frame, i64 %word
  %sizes.to = getelementptr i64, ptr %data.to, i64 1
  %strides.to = getelementptr i64, ptr %sizes.to, i64 %rank
  store ptr %data, ptr %data.to
  call void @copy_sizes(ptr %sizes.at, ptr %sizes.to, i64 %rank)
  call void @contiguous_strides(ptr %sizes.at, ptr %strides.to, i64 %rank, i64 %itemsize)
  %next = add i64 %i, 1
  br label %test
done:
  ret void
}

; An update whose result is the storage's own block was done in place; any other result is a fresh
; block that now replaces the old one.
define internal void @commit(ptr %plan, ptr %frame) alwaysinline nounwind {
start:
  %count = call i64 @Plan.result_count(ptr %plan)
  %results = call ptr @Plan.results(ptr %plan)
  %outputs = call i64 @Plan.output_count(ptr %plan)
  br label %test
test:
  %i = phi i64 [ %outputs, %start ], [ %next, %update ]
  %end = icmp eq i64 %i, %count
  br i1 %end, label %done, label %update
update:
  %result = getelementptr %Result, ptr %results, i64 %i
  %storage = call ptr @Result.storage(ptr %result)
  %word = call i64 @Result.word(ptr %result)
  %data.at = getelementptr i64, ptr %frame, i64 %word
  %sizes.at = getelementptr i64, ptr %data.at, i64 1
  %data = load ptr, ptr %data.at
  call void @install(ptr %storage, ptr %data, ptr %sizes.at)
  %next = add i64 %i, 1
  br label %test
done:
  ret void
}

; Runs the program, which may call Python functions if it has a table of them.
define internal i32 @run_entry(ptr %plan, ptr %frame) alwaysinline nounwind {
start:
  %entry = call ptr @Plan.entry(ptr %plan)
  %host = call i64 @Plan.host(ptr %plan)
  %alone = icmp eq i64 %host, 0
  br i1 %alone, label %run, label %note
note:
  %self = call i64 @PyThread_get_thread_ident()
  %slot = call ptr @enter_nested(i64 %self)
  %answer = call i32 %entry(ptr %frame)
  call void @leave_nested(ptr %slot)
  ret i32 %answer
run:
  %status = call i32 %entry(ptr %frame)
  ret i32 %status
}

; The frame's input words are filled in.  On status 0 every output block in the frame belongs to
; the caller; on any other status there is none, and the report words say why.
define i32 @lltheano_call(ptr %plan, ptr %frame, i64 %microseconds) nounwind {
start:
  %locked = call i32 @lock_all(ptr %plan, ptr %frame, i64 %microseconds)
  %ok = icmp eq i32 %locked, $DONE
  br i1 %ok, label %run, label %refused
refused:
  ret i32 %locked
run:
  call void @fill_shared(ptr %plan, ptr %frame)
  call void @fill_host(ptr %plan, ptr %frame)
  %status = call i32 @run_entry(ptr %plan, ptr %frame)
  %success = icmp eq i32 %status, $DONE
  br i1 %success, label %accept, label %finish
accept:
  call void @commit(ptr %plan, ptr %frame)
  br label %finish
finish:
  %count = call i64 @Plan.lock_count(ptr %plan)
  call void @unlock_first(ptr %plan, i64 %count)
  ret i32 %status
}

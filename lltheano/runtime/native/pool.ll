; The pool, one for the process.
;
; Size classes grow geometrically, four to a doubling, all multiples of 64 bytes: 64, 128, 192, 256,
; 320, 384, 448, 512, 640, 768, ...  A freed block waits in the list of its class until it is asked
; for again, as long as what waits stays below @pool.limit.  A payload is aligned to 64 bytes, and
; the block of a payload of 4 MiB or more starts at a 2 MiB boundary so that the kernel can back it
; with huge pages.  Zero bytes are legal and give a block of their own.
;
; Invariants, all guarded by @pool.lock:
;   in_use  = the capacities of the live blocks,  peak = its maximum so far
;   cached  = the capacities of the waiting blocks <= limit
; No function here touches the interpreter: each may be called with or without the GIL.

@pool.lock = internal global i32 0, align 64
@pool.limit = internal global i64 1073741824
@pool.most = internal global i64 9223372036854775807  ; in use at a time
@pool.in_use = internal global i64 0
@pool.peak = internal global i64 0
@pool.cached = internal global i64 0
@pool.allocations = internal global i64 0
@pool.hits = internal global i64 0
@pool.misses = internal global i64 0
@pool.failures = internal global i64 0
@pool.live = internal global i64 0
@pool.overruns = internal global i64 0        ; a red zone was written
@pool.bad_frees = internal global i64 0       ; freed twice, or no block of the pool
@pool.late_writes = internal global i64 0     ; memory was written after it was freed
@pool.damaged = internal global ptr null      ; the first payload that one of these befell
@pool.checking = internal global i32 0
@pool.huge_pages = internal global i32 0
@pool.countdown = internal global i64 -1      ; tests: allocations until one is made to fail
@pool.heads = internal global [256 x ptr] zeroinitializer

; ---------------------------------------------------------------- the lock

; The holder never waits for anything but the kernel's timer, so spinning is short; yielding covers
; a holder that lost its processor.
define internal void @pool_lock() alwaysinline nounwind {
start:
  br label %attempt
attempt:
  %tries = phi i32 [ 0, %start ], [ %more, %wait ]
  %seen = load atomic i32, ptr @pool.lock monotonic, align 4
  %taken = icmp ne i32 %seen, 0
  br i1 %taken, label %contended, label %exchange
exchange:
  %pair = cmpxchg ptr @pool.lock, i32 0, i32 1 acquire monotonic
  %won = extractvalue { i32, i1 } %pair, 1
  br i1 %won, label %done, label %contended
contended:
  %more = add i32 %tries, 1
  %tired = icmp ugt i32 %more, 100
  br i1 %tired, label %yield, label %wait
yield:
  %ignored = call i32 @sched_yield()
  br label %wait
wait:
  br label %attempt
done:
  ret void
}

define internal void @pool_unlock() alwaysinline nounwind {
  store atomic i32 0, ptr @pool.lock release, align 4
  ret void
}

; Around a fork: the child must not inherit a lock whose holder it does not have.
define void @lltheano_pool_before_fork() nounwind {
  call void @queue_lock()
  call void @pool_lock()
  ret void
}

define void @lltheano_pool_after_fork() nounwind {
  call void @queue_unlock()
  call void @pool_unlock()
  ret void
}

; ---------------------------------------------------------------- size classes

; Class of a request.  With u = the request in units of 64 bytes, classes 0..3 are u = 1..4; above,
; four classes share each doubling.
define internal i64 @class_of(i64 %bytes) alwaysinline nounwind {
  %rounded = add i64 %bytes, 63
  %whole = lshr i64 %rounded, 6
  %units = call i64 @llvm.umax.i64(i64 %whole, i64 1)
  %v = sub i64 %units, 1
  %tiny = icmp ult i64 %v, 4
  br i1 %tiny, label %linear, label %geometric
linear:
  ret i64 %v
geometric:
  %zeros = call i64 @llvm.ctlz.i64(i64 %v, i1 true)
  %octave = sub i64 63, %zeros
  %shift = sub i64 %octave, 2
  %top = lshr i64 %v, %shift
  %quarter = and i64 %top, 3
  %row = sub i64 %octave, 1
  %base = shl i64 %row, 2
  %class = add i64 %base, %quarter
  ret i64 %class
}

define internal i64 @capacity_of(i64 %class) alwaysinline nounwind {
  %tiny = icmp ult i64 %class, 4
  br i1 %tiny, label %linear, label %geometric
linear:
  %next = add i64 %class, 1
  %small = shl i64 %next, 6
  ret i64 %small
geometric:
  %row = lshr i64 %class, 2
  %quarter = and i64 %class, 3
  %mantissa = add i64 %quarter, 5
  %shift = add i64 %row, 5         ; row 1 counts in single units of 64 bytes
  %bytes = shl i64 %mantissa, %shift
  ret i64 %bytes
}

; ---------------------------------------------------------------- the checking mode

define internal void @record_damage(ptr %counter, ptr %payload) nounwind {
  call void @pool_lock()
  %count = load i64, ptr %counter
  %more = add i64 %count, 1
  store i64 %more, ptr %counter
  %first = load ptr, ptr @pool.damaged
  %none = icmp eq ptr %first, null
  br i1 %none, label %keep, label %done
keep:
  store ptr %payload, ptr @pool.damaged
  br label %done
done:
  call void @pool_unlock()
  ret void
}

; Whether all bytes of [from, from + count) equal the pattern.
define internal i1 @filled_with(ptr %from, i64 %count, i8 %pattern) nounwind {
start:
  br label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %same ]
  %end = icmp eq i64 %i, %count
  br i1 %end, label %intact, label %look
look:
  %place = getelementptr i8, ptr %from, i64 %i
  %byte = load i8, ptr %place
  %equal = icmp eq i8 %byte, %pattern
  br i1 %equal, label %same, label %broken
same:
  %next = add i64 %i, 1
  br label %test
intact:
  ret i1 true
broken:
  ret i1 false
}

; Sets both red zones of a block about to be handed out, and fills it with a byte (0xCB) that makes
; a read before the first write conspicuous.
define internal void @guard_block(ptr %block, ptr %payload, i64 %bytes) nounwind {
  %flags.at = call ptr @Block.flags.at(ptr %block)
  %front = call ptr @Block.zone.at(ptr %block)
  %capacity = call i64 @Block.capacity(ptr %block)
  %rest = sub i64 %capacity, %bytes
  %back = getelementptr i8, ptr %payload, i64 %bytes
  call void @llvm.memset.p0.i64(ptr %front, i8 -3, i64 64, i1 false)
  call void @llvm.memset.p0.i64(ptr %payload, i8 -53, i64 %bytes, i1 false)
  call void @llvm.memset.p0.i64(ptr %back, i8 -3, i64 %rest, i1 false)
  store i64 1, ptr %flags.at
  ret void
}

; At free: true when both red zones are intact.  Then the payload is poisoned (0xDD), which
; @still_poisoned verifies when the block is handed out again.
define internal i1 @retire_guarded(ptr %block, ptr %payload) nounwind {
  %flags.at = call ptr @Block.flags.at(ptr %block)
  %front = call ptr @Block.zone.at(ptr %block)
  %capacity = call i64 @Block.capacity(ptr %block)
  %bytes = call i64 @Block.asked(ptr %block)
  %rest = sub i64 %capacity, %bytes
  %back = getelementptr i8, ptr %payload, i64 %bytes
  %front.ok = call i1 @filled_with(ptr %front, i64 64, i8 -3)
  %back.ok = call i1 @filled_with(ptr %back, i64 %rest, i8 -3)
  %ok = and i1 %front.ok, %back.ok
  br i1 %ok, label %poison, label %broken
poison:
  call void @llvm.memset.p0.i64(ptr %payload, i8 -35, i64 %capacity, i1 false)
  store i64 2, ptr %flags.at
  ret i1 true
broken:
  ret i1 false
}

define internal i1 @still_poisoned(ptr %block, ptr %payload) nounwind {
  %capacity = call i64 @Block.capacity(ptr %block)
  %ok = call i1 @filled_with(ptr %payload, i64 %capacity, i8 -35)
  ret i1 %ok
}

; ---------------------------------------------------------------- blocks from the system

; A new block of the class with its header filled in but for references, bytes and magic; null when
; the system has no memory left.
define internal ptr @new_block(i64 %class) nounwind {
start:
  %capacity = call i64 @capacity_of(i64 %class)
  %huge = icmp uge i64 %capacity, 4194304
  %alignment = select i1 %huge, i64 2097152, i64 64
  %span = add i64 %capacity, $Block.bytes
  %total = add i64 %span, %alignment
  %raw = call ptr @malloc(i64 %total)
  %failed = icmp eq ptr %raw, null
  br i1 %failed, label %none, label %align
align:
  %low = ptrtoint ptr %raw to i64
  %less = sub i64 %alignment, 1
  %above = add i64 %low, %less
  %mask = sub i64 0, %alignment
  %aligned = and i64 %above, %mask
  %offset = sub i64 %aligned, %low
  %block = getelementptr i8, ptr %raw, i64 %offset
  %advice = load i32, ptr @pool.huge_pages
  %wanted = icmp ne i32 %advice, 0
  %advise = and i1 %huge, %wanted
  br i1 %advise, label %pages, label %fill
pages:
  ; Whole huge pages only, 14 is MADV_HUGEPAGE; a refusal costs speed, never correctness.
  %inside = and i64 %span, -2097152
  %ignored = call i32 @madvise(ptr %block, i64 %inside, i32 14)
  br label %fill
fill:
  %raw.at = call ptr @Block.raw.at(ptr %block)
  %class.at = call ptr @Block.class.at(ptr %block)
  %capacity.at = call ptr @Block.capacity.at(ptr %block)
  %flags.at = call ptr @Block.flags.at(ptr %block)
  store ptr %raw, ptr %raw.at
  store i64 %class, ptr %class.at
  store i64 %capacity, ptr %capacity.at
  store i64 0, ptr %flags.at
  ret ptr %block
none:
  ret ptr null
}

define internal void @release_block(ptr %block) nounwind {
  %raw = call ptr @Block.raw(ptr %block)
  %magic.at = call ptr @Block.magic.at(ptr %block)
  store i64 0, ptr %magic.at
  call void @free(ptr %raw)
  ret void
}

; Takes one waiting block of any class from %class on, null when there is none.
define internal ptr @take_waiting(i64 %class) nounwind {
start:
  call void @pool_lock()
  br label %test
test:
  %c = phi i64 [ %class, %start ], [ %next, %empty ]
  %end = icmp uge i64 %c, 256
  br i1 %end, label %none, label %look
look:
  %head.at = getelementptr [256 x ptr], ptr @pool.heads, i64 0, i64 %c
  %head = load ptr, ptr %head.at
  %nothing = icmp eq ptr %head, null
  br i1 %nothing, label %empty, label %found
empty:
  %next = add i64 %c, 1
  br label %test
found:
  %link = call ptr @Block.next(ptr %head)
  store ptr %link, ptr %head.at
  %capacity = call i64 @Block.capacity(ptr %head)
  %cached = load i64, ptr @pool.cached
  %less = sub i64 %cached, %capacity
  store i64 %less, ptr @pool.cached
  call void @pool_unlock()
  ret ptr %head
none:
  call void @pool_unlock()
  ret ptr null
}

; Gives every waiting block back to the system.  One at a time, so that no other thread waits for
; the lock while the kernel unmaps pages.  Returns the bytes given back.
define i64 @lltheano_pool_trim() nounwind {
start:
  br label %again
again:
  %total = phi i64 [ 0, %start ], [ %more, %give ]
  %class = phi i64 [ 0, %start ], [ %resume, %give ]
  %block = call ptr @take_waiting(i64 %class)
  %none = icmp eq ptr %block, null
  br i1 %none, label %done, label %give
give:
  %resume = call i64 @Block.class(ptr %block)
  %capacity = call i64 @Block.capacity(ptr %block)
  %more = add i64 %total, %capacity
  call void @release_block(ptr %block)
  br label %again
done:
  ret i64 %total
}

; ---------------------------------------------------------------- allocation

; Counts the allocation and, in tests, decides whether it is the one that has to fail.
; Called with the lock held.
define internal i1 @made_to_fail() alwaysinline nounwind {
  %countdown = load i64, ptr @pool.countdown
  %armed = icmp sge i64 %countdown, 0
  br i1 %armed, label %count, label %proceed
count:
  %less = sub i64 %countdown, 1
  store i64 %less, ptr @pool.countdown
  %now = icmp eq i64 %countdown, 0
  ret i1 %now
proceed:
  ret i1 false
}

define internal void @bump(ptr %counter) alwaysinline nounwind {
  %count = load i64, ptr %counter
  %more = add i64 %count, 1
  store i64 %more, ptr %counter
  ret void
}

; Books a block of the capacity as live.  Called with the lock held.
define internal void @book_live(i64 %capacity) alwaysinline nounwind {
  %before = load i64, ptr @pool.in_use
  %now = add i64 %before, %capacity
  store i64 %now, ptr @pool.in_use
  %peak = load i64, ptr @pool.peak
  %highest = call i64 @llvm.umax.i64(i64 %peak, i64 %now)
  store i64 %highest, ptr @pool.peak
  call void @bump(ptr @pool.live)
  ret void
}

; A payload of at least %bytes bytes aligned to 64, or null.  The caller owns the one reference.
define ptr @lltheano_pool_alloc(i64 %bytes) nounwind {
start:
  %sane = icmp ult i64 %bytes, $MAX_SIZE
  br i1 %sane, label %classify, label %refused
classify:
  %checking = load i32, ptr @pool.checking
  %guarded = icmp ne i32 %checking, 0
  %zone = select i1 %guarded, i64 64, i64 0
  %request = add i64 %bytes, %zone
  %class = call i64 @class_of(i64 %request)
  %head.at = getelementptr [256 x ptr], ptr @pool.heads, i64 0, i64 %class
  call void @pool_lock()
  call void @bump(ptr @pool.allocations)
  %fail = call i1 @made_to_fail()
  %wanted = call i64 @capacity_of(i64 %class)
  %used = load i64, ptr @pool.in_use
  %sum = add i64 %used, %wanted
  %most = load i64, ptr @pool.most
  %over = icmp ugt i64 %sum, %most
  %denied = or i1 %fail, %over
  br i1 %denied, label %deny, label %look
deny:
  call void @bump(ptr @pool.failures)
  call void @pool_unlock()
  ret ptr null
look:
  %head = load ptr, ptr %head.at
  %empty = icmp eq ptr %head, null
  br i1 %empty, label %miss, label %hit
hit:
  %link = call ptr @Block.next(ptr %head)
  store ptr %link, ptr %head.at
  %capacity = call i64 @Block.capacity(ptr %head)
  %cached = load i64, ptr @pool.cached
  %left = sub i64 %cached, %capacity
  store i64 %left, ptr @pool.cached
  call void @bump(ptr @pool.hits)
  call void @book_live(i64 %capacity)
  call void @pool_unlock()
  br label %hand_out
miss:
  call void @bump(ptr @pool.misses)
  call void @pool_unlock()
  %first = call ptr @new_block(i64 %class)
  %scarce = icmp eq ptr %first, null
  br i1 %scarce, label %retry, label %enter
retry:
  %released = call i64 @lltheano_pool_trim()
  %second = call ptr @new_block(i64 %class)
  %exhausted = icmp eq ptr %second, null
  br i1 %exhausted, label %refused, label %enter
enter:
  %new = phi ptr [ %first, %miss ], [ %second, %retry ]
  %new.capacity = call i64 @capacity_of(i64 %class)
  call void @pool_lock()
  call void @book_live(i64 %new.capacity)
  call void @pool_unlock()
  br label %hand_out
hand_out:
  %block = phi ptr [ %head, %hit ], [ %new, %enter ]
  %payload = getelementptr %Block, ptr %block, i64 1
  %references.at = call ptr @Block.references.at(ptr %block)
  %bytes.at = call ptr @Block.asked.at(ptr %block)
  %flags.at = call ptr @Block.flags.at(ptr %block)
  %flags = load i64, ptr %flags.at
  %poisoned = icmp eq i64 %flags, 2
  br i1 %poisoned, label %inspect, label %prepare
inspect:
  %untouched = call i1 @still_poisoned(ptr %block, ptr %payload)
  br i1 %untouched, label %prepare, label %late
late:
  call void @record_damage(ptr @pool.late_writes, ptr %payload)
  br label %prepare
prepare:
  %magic.at = call ptr @Block.magic.at(ptr %block)
  store i64 5494733920914956364, ptr %magic.at
  store i64 1, ptr %references.at
  store i64 %bytes, ptr %bytes.at
  store i64 0, ptr %flags.at
  br i1 %guarded, label %guard, label %ready
guard:
  call void @guard_block(ptr %block, ptr %payload, i64 %bytes)
  br label %ready
ready:
  ret ptr %payload
refused:
  call void @pool_lock()
  call void @bump(ptr @pool.failures)
  call void @pool_unlock()
  ret ptr null
}

; One more owner of a live block.
define void @lltheano_pool_retain(ptr %payload) nounwind {
  %block = getelementptr %Block, ptr %payload, i64 -1
  %references.at = call ptr @Block.references.at(ptr %block)
  %before = atomicrmw add ptr %references.at, i64 1 monotonic
  ret void
}

define i64 @lltheano_pool_references(ptr %payload) nounwind {
  %block = getelementptr %Block, ptr %payload, i64 -1
  %references.at = call ptr @Block.references.at(ptr %block)
  %count = load atomic i64, ptr %references.at acquire, align 8
  ret i64 %count
}

define i64 @lltheano_pool_capacity(ptr %payload) nounwind {
  %block = getelementptr %Block, ptr %payload, i64 -1
  %capacity = call i64 @Block.capacity(ptr %block)
  ret i64 %capacity
}

; Gives up one reference; with the last one the block returns to its class.  Null is ignored.  A
; pointer that is no live block is counted as damage and otherwise left alone.
define void @lltheano_pool_free(ptr %payload) nounwind {
start:
  %nothing = icmp eq ptr %payload, null
  br i1 %nothing, label %done, label %examine
examine:
  %block = getelementptr %Block, ptr %payload, i64 -1
  %magic = call i64 @Block.magic(ptr %block)
  %live = icmp eq i64 %magic, 5494733920914956364
  br i1 %live, label %drop, label %foreign
foreign:
  call void @record_damage(ptr @pool.bad_frees, ptr %payload)
  ret void
drop:
  %references.at = call ptr @Block.references.at(ptr %block)
  %count = load atomic i64, ptr %references.at acquire, align 8
  %sole = icmp eq i64 %count, 1
  br i1 %sole, label %retire, label %decrement
decrement:
  %before = atomicrmw sub ptr %references.at, i64 1 acq_rel
  %last = icmp eq i64 %before, 1
  br i1 %last, label %retire, label %done
retire:
  %magic.at = call ptr @Block.magic.at(ptr %block)
  store i64 5062389137213673542, ptr %magic.at
  %flags = call i64 @Block.flags(ptr %block)
  %guarded = icmp eq i64 %flags, 1
  br i1 %guarded, label %verify, label %return
verify:
  %intact = call i1 @retire_guarded(ptr %block, ptr %payload)
  br i1 %intact, label %return, label %broken
broken:
  ; A block with damaged surroundings is leaked: nothing about it can be trusted any more.
  call void @record_damage(ptr @pool.overruns, ptr %payload)
  ret void
return:
  call void @return_block(ptr %block)
  br label %done
done:
  ret void
}

; Puts a dead block into the list of its class, or gives it back to the system when the pool holds
; enough.  A full pool first gives up everything that waits: what was cached for an earlier phase of
; the program must not keep out what the present one needs.
define internal void @return_block(ptr %block) nounwind {
start:
  %class = call i64 @Block.class(ptr %block)
  %capacity = call i64 @Block.capacity(ptr %block)
  call void @pool_lock()
  %before = load i64, ptr @pool.in_use
  %now = sub i64 %before, %capacity
  store i64 %now, ptr @pool.in_use
  %live = load i64, ptr @pool.live
  %fewer = sub i64 %live, 1
  store i64 %fewer, ptr @pool.live
  %limit = load i64, ptr @pool.limit
  %oversized = icmp ugt i64 %capacity, %limit
  br i1 %oversized, label %discard, label %weigh
weigh:
  %cached = load i64, ptr @pool.cached
  %sum = add i64 %cached, %capacity
  %fits = icmp ule i64 %sum, %limit
  br i1 %fits, label %keep, label %make_room
make_room:
  call void @pool_unlock()
  %released = call i64 @lltheano_pool_trim()
  call void @pool_lock()
  %cached.again = load i64, ptr @pool.cached
  %sum.again = add i64 %cached.again, %capacity
  %fits.again = icmp ule i64 %sum.again, %limit
  br i1 %fits.again, label %keep, label %discard
keep:
  %total = phi i64 [ %sum, %weigh ], [ %sum.again, %make_room ]
  store i64 %total, ptr @pool.cached
  %head.at = getelementptr [256 x ptr], ptr @pool.heads, i64 0, i64 %class
  %head = load ptr, ptr %head.at
  %link.at = call ptr @Block.next.at(ptr %block)
  store ptr %head, ptr %link.at
  store ptr %block, ptr %head.at
  call void @pool_unlock()
  ret void
discard:
  call void @pool_unlock()
  call void @release_block(ptr %block)
  ret void
}

; ---------------------------------------------------------------- settings and statistics

define void @lltheano_pool_set_limit(i64 %bytes) nounwind {
  call void @pool_lock()
  store i64 %bytes, ptr @pool.limit
  %cached = load i64, ptr @pool.cached
  %over = icmp ugt i64 %cached, %bytes
  call void @pool_unlock()
  br i1 %over, label %shrink, label %done
shrink:
  %released = call i64 @lltheano_pool_trim()
  ret void
done:
  ret void
}

; From now on a request that would have more than this many bytes in use fails.
define void @lltheano_pool_set_most(i64 %bytes) nounwind {
  call void @pool_lock()
  store i64 %bytes, ptr @pool.most
  call void @pool_unlock()
  ret void
}

define void @lltheano_pool_set_checking(i32 %on) nounwind {
  store i32 %on, ptr @pool.checking
  ret void
}

define void @lltheano_pool_set_huge_pages(i32 %on) nounwind {
  store i32 %on, ptr @pool.huge_pages
  ret void
}

; The allocation after the next %successes ones fails once; -1 disarms.
define void @lltheano_pool_fail_after(i64 %successes) nounwind {
  call void @pool_lock()
  store i64 %successes, ptr @pool.countdown
  call void @pool_unlock()
  ret void
}

define void @lltheano_pool_reset_peak() nounwind {
  call void @pool_lock()
  %now = load i64, ptr @pool.in_use
  store i64 %now, ptr @pool.peak
  call void @pool_unlock()
  ret void
}

define internal void @copy_word(ptr %from, ptr %to) alwaysinline nounwind {
  %value = load i64, ptr %from
  store i64 %value, ptr %to
  ret void
}

; Copies the counters, as of one moment.
define void @lltheano_pool_statistics(ptr %counters) nounwind {
  call void @pool_lock()
  %in_use = call ptr @Statistics.in_use.at(ptr %counters)
  call void @copy_word(ptr @pool.in_use, ptr %in_use)
  %peak = call ptr @Statistics.peak.at(ptr %counters)
  call void @copy_word(ptr @pool.peak, ptr %peak)
  %cached = call ptr @Statistics.cached.at(ptr %counters)
  call void @copy_word(ptr @pool.cached, ptr %cached)
  %limit = call ptr @Statistics.limit.at(ptr %counters)
  call void @copy_word(ptr @pool.limit, ptr %limit)
  %live = call ptr @Statistics.live.at(ptr %counters)
  call void @copy_word(ptr @pool.live, ptr %live)
  %allocations = call ptr @Statistics.allocations.at(ptr %counters)
  call void @copy_word(ptr @pool.allocations, ptr %allocations)
  %hits = call ptr @Statistics.hits.at(ptr %counters)
  call void @copy_word(ptr @pool.hits, ptr %hits)
  %misses = call ptr @Statistics.misses.at(ptr %counters)
  call void @copy_word(ptr @pool.misses, ptr %misses)
  %failures = call ptr @Statistics.failures.at(ptr %counters)
  call void @copy_word(ptr @pool.failures, ptr %failures)
  %overruns = call ptr @Statistics.overruns.at(ptr %counters)
  call void @copy_word(ptr @pool.overruns, ptr %overruns)
  %bad_frees = call ptr @Statistics.bad_frees.at(ptr %counters)
  call void @copy_word(ptr @pool.bad_frees, ptr %bad_frees)
  %late_writes = call ptr @Statistics.late_writes.at(ptr %counters)
  call void @copy_word(ptr @pool.late_writes, ptr %late_writes)
  %damaged = call ptr @Statistics.damaged.at(ptr %counters)
  call void @copy_word(ptr @pool.damaged, ptr %damaged)
  call void @pool_unlock()
  ret void
}

; Forgets the damage counted so far, once it has been reported.
define void @lltheano_pool_forget_damage() nounwind {
  call void @pool_lock()
  store i64 0, ptr @pool.overruns
  store i64 0, ptr @pool.bad_frees
  store i64 0, ptr @pool.late_writes
  store ptr null, ptr @pool.damaged
  call void @pool_unlock()
  ret void
}

; Whether damage has been seen: one load, so that every call can afford to ask.
define internal i1 @pool_is_damaged() alwaysinline nounwind {
  %first = load atomic ptr, ptr @pool.damaged monotonic, align 8
  %seen = icmp ne ptr %first, null
  ret i1 %seen
}

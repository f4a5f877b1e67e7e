; A storage's contents seen from Python: copy out, copy in, borrow, lease.
;
; %words is the caller's record: the data pointer, then the size of each dimension.  Every function
; that waits takes a budget in microseconds and returns a status; on any status but 0 the storage holds
; what it held before.

; A loop rather than memcpy: ranks are small, and a call would cost more than the copy.
define internal void @copy_sizes(ptr %from, ptr %to, i64 %rank) alwaysinline nounwind {
start:
  br label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %copy ]
  %end = icmp eq i64 %i, %rank
  br i1 %end, label %done, label %copy
copy:
  %size.at = getelementptr i64, ptr %from, i64 %i
  %size.to = getelementptr i64, ptr %to, i64 %i
  %size = load i64, ptr %size.at
  store i64 %size, ptr %size.to
  %next = add i64 %i, 1
  br label %test
done:
  ret void
}

define internal i64 @bytes_of(ptr %sizes, i64 %rank, i64 %itemsize) alwaysinline nounwind {
start:
  br label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %multiply ]
  %bytes = phi i64 [ %itemsize, %start ], [ %product, %multiply ]
  %end = icmp eq i64 %i, %rank
  br i1 %end, label %done, label %multiply
multiply:
  %size.at = getelementptr i64, ptr %sizes, i64 %i
  %size = load i64, ptr %size.at
  %product = mul i64 %bytes, %size
  %next = add i64 %i, 1
  br label %test
done:
  ret i64 %bytes
}

; Makes the block the storage's contents and gives up the block that held them.  The storage is locked.
define internal void @install(ptr %storage, ptr %data, ptr %sizes) alwaysinline nounwind {
start:
  %data.at = call ptr @Storage.data.at(ptr %storage)
  %bytes.at = call ptr @Storage.bytes.at(ptr %storage)
  %version.at = call ptr @Storage.version.at(ptr %storage)
  %sizes.at = call ptr @Storage.sizes.at(ptr %storage)
  %rank = call i64 @Storage.rank(ptr %storage)
  %itemsize = call i64 @Storage.itemsize(ptr %storage)
  %bytes = call i64 @bytes_of(ptr %sizes, i64 %rank, i64 %itemsize)
  call void @copy_sizes(ptr %sizes, ptr %sizes.at, i64 %rank)
  store i64 %bytes, ptr %bytes.at
  call void @bump(ptr %version.at)
  %old = load ptr, ptr %data.at
  %in.place = icmp eq ptr %old, %data
  br i1 %in.place, label %done, label %swap
swap:
  store ptr %data, ptr %data.at
  call void @lltheano_pool_free(ptr %old)
  br label %done
done:
  ret void
}

; Copies the contents into a fresh block, which then belongs to the caller.  On status 2 the first
; word tells the bytes that could not be had.
define i32 @lltheano_storage_read(ptr %storage, ptr %words, i64 %microseconds) nounwind {
start:
  %budget = alloca i64
  store i64 %microseconds, ptr %budget
  %self = call i64 @PyThread_get_thread_ident()
  %status = call i32 @lock_storage(ptr %storage, i64 0, i64 %self, ptr %budget, i1 false, ptr @lock.waited)
  %locked = icmp eq i32 %status, $DONE
  br i1 %locked, label %inside, label %refused
refused:
  ret i32 %status
inside:
  %sizes.at = call ptr @Storage.sizes.at(ptr %storage)
  %sizes.to = getelementptr i64, ptr %words, i64 1
  %data = call ptr @Storage.data(ptr %storage)
  %bytes = call i64 @Storage.bytes(ptr %storage)
  %rank = call i64 @Storage.rank(ptr %storage)
  %copy = call ptr @lltheano_pool_alloc(i64 %bytes)
  %scarce = icmp eq ptr %copy, null
  br i1 %scarce, label %exhausted, label %fill
fill:
  call void @llvm.memcpy.p0.p0.i64(ptr %copy, ptr %data, i64 %bytes, i1 false)
  call void @copy_sizes(ptr %sizes.at, ptr %sizes.to, i64 %rank)
  call void @unlock_read(ptr %storage)
  store ptr %copy, ptr %words
  ret i32 $DONE
exhausted:
  call void @unlock_read(ptr %storage)
  store i64 %bytes, ptr %words
  ret i32 $NO_MEMORY
}

; Whether the storage's block can take %bytes bytes of new contents: it is large enough, not wastefully
; large, and no view outside the storage shows it.
define internal i1 @block_serves(ptr %data, i64 %bytes) nounwind {
start:
  %none = icmp eq ptr %data, null
  br i1 %none, label %no, label %examine
examine:
  %block = getelementptr %Block, ptr %data, i64 -1
  %flags = call i64 @Block.flags(ptr %block)
  %guarded = icmp eq i64 %flags, 1
  %references = call i64 @lltheano_pool_references(ptr %data)
  %sole = icmp eq i64 %references, 1
  %asked = call i64 @Block.asked(ptr %block)
  %capacity = call i64 @lltheano_pool_capacity(ptr %data)
  ; A guarded block has its red zone behind the bytes first asked for.
  %room = select i1 %guarded, i64 %asked, i64 %capacity
  %large.enough = icmp ule i64 %bytes, %room
  %quarter = lshr i64 %capacity, 2
  %thrifty = icmp ule i64 %quarter, %bytes
  %small = icmp ule i64 %capacity, 4096
  %sensible = or i1 %thrifty, %small
  %fits = and i1 %large.enough, %sensible
  %serves = and i1 %fits, %sole
  ret i1 %serves
no:
  ret i1 false
}

; Copies C-contiguous elements in.  %words: their address, then the size of each dimension.
define i32 @lltheano_storage_write(ptr %storage, ptr %words, i64 %microseconds) nounwind {
start:
  %budget = alloca i64
  store i64 %microseconds, ptr %budget
  %self = call i64 @PyThread_get_thread_ident()
  %status = call i32 @lock_storage(ptr %storage, i64 1, i64 %self, ptr %budget, i1 false, ptr @lock.waited)
  %locked = icmp eq i32 %status, $DONE
  br i1 %locked, label %inside, label %refused
refused:
  ret i32 %status
inside:
  %data = call ptr @Storage.data(ptr %storage)
  %rank = call i64 @Storage.rank(ptr %storage)
  %itemsize = call i64 @Storage.itemsize(ptr %storage)
  %source = load ptr, ptr %words
  %sizes = getelementptr i64, ptr %words, i64 1
  %bytes = call i64 @bytes_of(ptr %sizes, i64 %rank, i64 %itemsize)
  %serves = call i1 @block_serves(ptr %data, i64 %bytes)
  br i1 %serves, label %fill, label %draw
draw:
  %fresh = call ptr @lltheano_pool_alloc(i64 %bytes)
  %scarce = icmp eq ptr %fresh, null
  br i1 %scarce, label %exhausted, label %fill
fill:
  %target = phi ptr [ %data, %inside ], [ %fresh, %draw ]
  ; The source may be a view of this very block.
  call void @llvm.memmove.p0.p0.i64(ptr %target, ptr %source, i64 %bytes, i1 false)
  call void @install(ptr %storage, ptr %target, ptr %sizes)
  call void @unlock_write(ptr %storage)
  ret i32 $DONE
exhausted:
  call void @unlock_write(ptr %storage)
  store i64 %bytes, ptr %words
  ret i32 $NO_MEMORY
}

define internal void @show(ptr %storage, ptr %words) nounwind {
  %sizes.at = call ptr @Storage.sizes.at(ptr %storage)
  %sizes.to = getelementptr i64, ptr %words, i64 1
  %data = call ptr @Storage.data(ptr %storage)
  %rank = call i64 @Storage.rank(ptr %storage)
  call void @lltheano_pool_retain(ptr %data)
  store ptr %data, ptr %words
  call void @copy_sizes(ptr %sizes.at, ptr %sizes.to, i64 %rank)
  ret void
}

; Shows the contents themselves.  The caller gets a reference to the block, which keeps the memory
; valid whatever becomes of the storage.
define i32 @lltheano_storage_view(ptr %storage, ptr %words, i64 %microseconds) nounwind {
start:
  %budget = alloca i64
  store i64 %microseconds, ptr %budget
  %self = call i64 @PyThread_get_thread_ident()
  %status = call i32 @lock_storage(ptr %storage, i64 0, i64 %self, ptr %budget, i1 false, ptr @lock.waited)
  %locked = icmp eq i32 %status, $DONE
  br i1 %locked, label %inside, label %refused
refused:
  ret i32 %status
inside:
  call void @show(ptr %storage, ptr %words)
  call void @unlock_read(ptr %storage)
  ret i32 $DONE
}

; Takes the storage for writing and shows its contents until @lltheano_storage_end_lease.
define i32 @lltheano_storage_lease(ptr %storage, ptr %words, i64 %microseconds) nounwind {
start:
  %budget = alloca i64
  store i64 %microseconds, ptr %budget
  %self = call i64 @PyThread_get_thread_ident()
  %status = call i32 @lock_storage(ptr %storage, i64 1, i64 %self, ptr %budget, i1 false, ptr @lock.waited)
  %locked = icmp eq i32 %status, $DONE
  br i1 %locked, label %inside, label %refused
refused:
  ret i32 %status
inside:
  call void @show(ptr %storage, ptr %words)
  ret i32 $DONE
}

define void @lltheano_storage_end_lease(ptr %storage) nounwind {
  %version.at = call ptr @Storage.version.at(ptr %storage)
  call void @bump(ptr %version.at)
  call void @unlock_write(ptr %storage)
  ret void
}

; The storage goes: its reference to the block is given up.
define void @lltheano_storage_release(ptr %storage) nounwind {
  %data.at = call ptr @Storage.data.at(ptr %storage)
  %data = load ptr, ptr %data.at
  store ptr null, ptr %data.at
  call void @lltheano_pool_free(ptr %data)
  ret void
}

; ---------------------------------------------------------------- new contents, in two steps
;
; What is prepared is in a block that an array owns.

; A new array over a block for contents of the sizes in %words; None where there is no memory, null
; with an exception set where Python has none.
define ptr @lltheano_storage_allocate(ptr %storage, ptr %words, i64 %typenum) nounwind {
start:
  %rank = call i64 @Storage.rank(ptr %storage)
  %itemsize = call i64 @Storage.itemsize(ptr %storage)
  %sizes = getelementptr i64, ptr %words, i64 1
  %bytes = call i64 @bytes_of(ptr %sizes, i64 %rank, i64 %itemsize)
  %block = call ptr @lltheano_pool_alloc(i64 %bytes)
  %scarce = icmp eq ptr %block, null
  br i1 %scarce, label %exhausted, label %own
own:
  store ptr %block, ptr %words
  %array = call ptr @lltheano_box_view(ptr %words, i64 %rank, i64 %typenum, i64 %itemsize)
  ret ptr %array
exhausted:
  %none = load ptr, ptr @python.none
  call void @Py_IncRef(ptr %none)
  ret ptr %none
}

; Makes blocks the contents of several storages, which share them with the arrays that own them.
; The caller has the storages locked for writing, or nobody else uses them.  %records: for each, the
; storage and the address of words, the block and then the sizes.
define i32 @lltheano_storage_commit_all(ptr %records, i64 %count) nounwind {
start:
  br label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %commit ]
  %end = icmp eq i64 %i, %count
  br i1 %end, label %done, label %commit
commit:
  %twice = shl i64 %i, 1
  %storage.at = getelementptr ptr, ptr %records, i64 %twice
  %words.at = getelementptr ptr, ptr %storage.at, i64 1
  %storage = load ptr, ptr %storage.at
  %words = load ptr, ptr %words.at
  %block = load ptr, ptr %words
  %sizes = getelementptr i64, ptr %words, i64 1
  call void @lltheano_pool_retain(ptr %block)
  call void @install(ptr %storage, ptr %block, ptr %sizes)
  %next = add i64 %i, 1
  br label %test
done:
  ret i32 $DONE
}

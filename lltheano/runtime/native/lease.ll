; What a person does with a storage, each as one built-in without a line of Python between its
; steps.  A signal handler that raises can come before such a step or after it, never inside: so no
; lock stays taken, and no block is lost.

@lease.name = internal constant [15 x i8] c"lltheano.lease\00"
@lease.begin = internal constant [6 x i8] c"begin\00"
@lease.end = internal constant [4 x i8] c"end\00"
@lease.summary = internal constant [28 x i8] c"One side of a `with` block.\00"

@lease.begin.method = internal constant %MethodDef {
  ptr @lease.begin, ptr @lltheano_lease_begin, i32 128, ptr @lease.summary }
@lease.end.method = internal constant %MethodDef {
  ptr @lease.end, ptr @lltheano_lease_end, i32 128, ptr @lease.summary }

; An array of a copy of the contents (%view 0) or of the contents themselves (1); a report where
; there is none; null with an exception set when Python has no memory.
define ptr @lltheano_storage_fetch(ptr %storage, i64 %typenum, i64 %view, i64 %microseconds) nounwind {
start:
  %rank = call i64 @Storage.rank(ptr %storage)
  %itemsize = call i64 @Storage.itemsize(ptr %storage)
  %length = add i64 %rank, $REPORT_LENGTH
  %words = alloca i64, i64 %length
  call void @llvm.memset.p0.i64(ptr %words, i8 0, i64 $REPORT_BYTES, i1 false)
  %patient = icmp sgt i64 %microseconds, 0
  br i1 %patient, label %leave, label %fetch
leave:
  %thread = call ptr @PyEval_SaveThread()
  br label %fetch
fetch:
  %saved = phi ptr [ null, %start ], [ %thread, %leave ]
  %shown = icmp ne i64 %view, 0
  br i1 %shown, label %borrow, label %copy
borrow:
  %borrowed = call i32 @lltheano_storage_view(ptr %storage, ptr %words, i64 %microseconds)
  br label %fetched
copy:
  %copied = call i32 @lltheano_storage_read(ptr %storage, ptr %words, i64 %microseconds)
  br label %fetched
fetched:
  %status = phi i32 [ %borrowed, %borrow ], [ %copied, %copy ]
  br i1 %patient, label %return, label %judge
return:
  call void @PyEval_RestoreThread(ptr %saved)
  br label %judge
judge:
  %success = icmp eq i32 %status, $DONE
  br i1 %success, label %wrap, label %refuse
refuse:
  %told = call ptr @report(i32 %status, ptr %words)
  ret ptr %told
wrap:
  br i1 %shown, label %show, label %own
show:
  %seen = call ptr @lltheano_box_view(ptr %words, i64 %rank, i64 %typenum, i64 %itemsize)
  ret ptr %seen
own:
  %boxed = call ptr @lltheano_box(ptr %words, i64 %rank, i64 %typenum, i64 %itemsize)
  ret ptr %boxed
}

; Waits until the storage could be had for writing, and keeps its place in the queue.
define i32 @lltheano_storage_await(ptr %storage, i64 %microseconds) nounwind {
start:
  %budget = alloca i64
  store i64 %microseconds, ptr %budget
  %self = call i64 @PyThread_get_thread_ident()
  %status = call i32 @lock_storage(ptr %storage, i64 1, i64 %self, ptr %budget, i1 true, ptr @lock.waited)
  %had = icmp eq i32 %status, $DONE
  br i1 %had, label %release, label %done
release:
  call void @unlock_write(ptr %storage)
  br label %done
done:
  ret i32 %status
}

; A tuple of the two built-ins of a lease, which begin and end it.
define ptr @lltheano_new_lease(ptr %storage, i64 %typenum, ptr %resolve) nounwind {
start:
  %lease = call ptr @malloc(i64 $Lease.bytes)
  %typenum.at = call ptr @Lease.type_number.at(ptr %lease)
  %array.at = call ptr @Lease.array.at(ptr %lease)
  %resolve.at = call ptr @Lease.resolve.at(ptr %lease)
  %storage.at = call ptr @Lease.storage.at(ptr %lease)
  store ptr %storage, ptr %storage.at
  store ptr null, ptr %array.at
  store i64 %typenum, ptr %typenum.at
  store ptr %resolve, ptr %resolve.at
  call void @Py_IncRef(ptr %resolve)
  %capsule = call ptr @PyCapsule_New(ptr %lease, ptr @lease.name, ptr @lltheano_lease_free)
  %begin = call ptr @PyCFunction_NewEx(ptr @lease.begin.method, ptr %capsule, ptr null)
  %end = call ptr @PyCFunction_NewEx(ptr @lease.end.method, ptr %capsule, ptr null)
  call void @Py_DecRef(ptr %capsule)
  %pair = call ptr @PyTuple_New(i64 2)
  %first = call i32 @PyTuple_SetItem(ptr %pair, i64 0, ptr %begin)
  %second = call i32 @PyTuple_SetItem(ptr %pair, i64 1, ptr %end)
  ret ptr %pair
}

; The destructor of the capsule: a lease that was never ended ends here.
define void @lltheano_lease_free(ptr %capsule) nounwind {
  %lease = call ptr @PyCapsule_GetPointer(ptr %capsule, ptr @lease.name)
  call void @end_running(ptr %lease)
  %resolve = call ptr @Lease.resolve(ptr %lease)
  call void @Py_DecRef(ptr %resolve)
  call void @free(ptr %lease)
  ret void
}

; Locks the storage, waiting for 50 ms at most, and shows its contents.
define internal i32 @take_lease(ptr %storage, ptr %words) nounwind {
start:
  %at.once = call i32 @lltheano_storage_lease(ptr %storage, ptr %words, i64 0)
  %busy = icmp eq i32 %at.once, $BUSY
  br i1 %busy, label %wait, label %done
wait:
  %thread = call ptr @PyEval_SaveThread()
  %waited = call i32 @lltheano_storage_lease(ptr %storage, ptr %words, i64 $SLICE_MICROSECONDS)
  call void @PyEval_RestoreThread(ptr %thread)
  br label %done
done:
  %status = phi i32 [ %at.once, %start ], [ %waited, %wait ]
  ret i32 %status
}

define ptr @lltheano_lease_begin(ptr %self, ptr %arguments, i64 %count) nounwind {
start:
  %lease = call ptr @PyCapsule_GetPointer(ptr %self, ptr @lease.name)
  %array.at = call ptr @Lease.array.at(ptr %lease)
  %storage = call ptr @Lease.storage(ptr %lease)
  %typenum = call i64 @Lease.type_number(ptr %lease)
  %holder.at = call ptr @Storage.holder.at(ptr %storage)
  %rank = call i64 @Storage.rank(ptr %storage)
  %itemsize = call i64 @Storage.itemsize(ptr %storage)
  %length = add i64 %rank, 1
  %words = alloca i64, i64 %length
  br label %attempt
attempt:
  %status = call i32 @take_lease(ptr %storage, ptr %words)
  %success = icmp eq i32 %status, $DONE
  br i1 %success, label %show, label %resolve
resolve:
  %status.64 = sext i32 %status to i64
  %number = call ptr @PyLong_FromLongLong(i64 %status.64)
  %callable = call ptr @Lease.resolve(ptr %lease)
  %answer = call ptr @PyObject_CallOneArg(ptr %callable, ptr %number)
  call void @Py_DecRef(ptr %number)
  %raised = icmp eq ptr %answer, null
  br i1 %raised, label %none, label %again
again:
  call void @Py_DecRef(ptr %answer)
  br label %attempt
show:
  %thread = call i64 @PyThread_get_thread_ident()
  store i64 %thread, ptr %holder.at
  %array = call ptr @lltheano_box_view(ptr %words, i64 %rank, i64 %typenum, i64 %itemsize)
  %failed = icmp eq ptr %array, null
  br i1 %failed, label %undo, label %run
undo:
  store i64 0, ptr %holder.at
  call void @lltheano_storage_end_lease(ptr %storage)
  br label %none
run:
  store ptr %array, ptr %array.at
  call void @Py_IncRef(ptr %array)
  ret ptr %array
none:
  ret ptr null
}

; Ends the lease if it runs, whichever thread this is.
define internal void @end_running(ptr %lease) nounwind {
start:
  %array.at = call ptr @Lease.array.at(ptr %lease)
  %array = load ptr, ptr %array.at
  %idle = icmp eq ptr %array, null
  br i1 %idle, label %done, label %end
end:
  store ptr null, ptr %array.at
  %fields = call ptr @array_fields(ptr %array)
  %flags.at = call ptr @ArrayFields.flags.at(ptr %fields)
  %flags = load i32, ptr %flags.at
  %read.only = and i32 %flags, -1025
  store i32 %read.only, ptr %flags.at
  %storage = call ptr @Lease.storage(ptr %lease)
  %holder.at = call ptr @Storage.holder.at(ptr %storage)
  store i64 0, ptr %holder.at
  call void @lltheano_storage_end_lease(ptr %storage)
  call void @Py_DecRef(ptr %array)
  br label %done
done:
  ret void
}

define ptr @lltheano_lease_end(ptr %self, ptr %arguments, i64 %count) nounwind {
  %lease = call ptr @PyCapsule_GetPointer(ptr %self, ptr @lease.name)
  call void @end_running(ptr %lease)
  %none = load ptr, ptr @python.none
  call void @Py_IncRef(ptr %none)
  ret ptr %none
}

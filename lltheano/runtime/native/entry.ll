; The CPython entry of a compiled function, one built-in (METH_FASTCALL) for all of them.
; The built-in's `self` is a capsule that holds the %Plan.
;
; It takes arguments that need no conversion: arrays of exactly the dtype, rank, flags and broadcast
; pattern, and plain Python numbers where the plan allows them.  It returns the outputs (a list, or
; the only one), or a tuple (status, report word 0, ..., report word 7) when the call did not happen
; or failed; null with an exception set only when Python itself has no memory.
;
; The GIL is kept when the arguments are small and no lock is contended, and released otherwise; a
; thread that waits for a lock never holds it.
;
; Signals that have come are served before anything is done.  Between the commit and the return no
; Python code runs and nothing can fail: a call that has happened gives its value.

@entry.name = internal constant [14 x i8] c"lltheano.plan\00"
@entry.function = internal constant [9 x i8] c"lltheano\00"
@entry.summary = internal constant [49 x i8] c"A compiled function, in native code from end on.\00"

; What CPython reads about the built-in: name, function, METH_FASTCALL, documentation.
@entry.method = internal constant %MethodDef {
  ptr @entry.function, ptr @lltheano_entry, i32 128, ptr @entry.summary }

; A new built-in for the plan.  It holds a reference to %keeper, the Python object that keeps the
; plan's memory, its storages and its code alive.  Null with an exception set when it cannot be made.
define ptr @lltheano_new_entry(ptr %plan, ptr %keeper) nounwind {
start:
  %capsule = call ptr @PyCapsule_New(ptr %plan, ptr @entry.name, ptr @lltheano_plan_free)
  %failed = icmp eq ptr %capsule, null
  br i1 %failed, label %none, label %keep
keep:
  call void @Py_IncRef(ptr %keeper)
  %kept = call i32 @PyCapsule_SetContext(ptr %capsule, ptr %keeper)
  %builtin = call ptr @PyCFunction_NewEx(ptr @entry.method, ptr %capsule, ptr null)
  call void @Py_DecRef(ptr %capsule)
  ret ptr %builtin
none:
  ret ptr null
}

; The destructor of the capsule with the plan.
define void @lltheano_plan_free(ptr %capsule) nounwind {
  %keeper = call ptr @PyCapsule_GetContext(ptr %capsule)
  call void @Py_DecRef(ptr %keeper)
  ret void
}

; The bytes of all parameters, the measure of how long the call may take.  Storages are looked at
; without their locks: a guess is all that is needed.
define internal i64 @work(ptr %plan, ptr %frame) alwaysinline nounwind {
start:
  %count = call i64 @Plan.parameter_count(ptr %plan)
  %parameters = call ptr @Plan.parameters(ptr %plan)
  br label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %add ]
  %sum = phi i64 [ 0, %start ], [ %more, %add ]
  %end = icmp eq i64 %i, %count
  br i1 %end, label %done, label %measure
measure:
  %parameter = getelementptr %Parameter, ptr %parameters, i64 %i
  %storage = call ptr @Parameter.storage(ptr %parameter)
  %input = icmp eq ptr %storage, null
  br i1 %input, label %array, label %shared
array:
  %rank = call i64 @Parameter.rank(ptr %parameter)
  %word = call i64 @Parameter.word(ptr %parameter)
  %itemsize = call i64 @Parameter.itemsize(ptr %parameter)
  %first.size = add i64 %word, 1
  %sizes = getelementptr i64, ptr %frame, i64 %first.size
  %array.bytes = call i64 @bytes_of(ptr %sizes, i64 %rank, i64 %itemsize)
  br label %add
shared:
  %bytes.at = call ptr @Storage.bytes.at(ptr %storage)
  %storage.bytes = load atomic i64, ptr %bytes.at monotonic, align 8
  br label %add
add:
  %bytes = phi i64 [ %array.bytes, %array ], [ %storage.bytes, %shared ]
  %more = add i64 %sum, %bytes
  %next = add i64 %i, 1
  br label %test
done:
  ret i64 %sum
}

; The tuple (status, eight words) that tells Python why there are no outputs.
define internal ptr @report(i32 %status, ptr %words) nounwind {
start:
  %tuple = call ptr @PyTuple_New(i64 $REPORT_LENGTH)
  %failed = icmp eq ptr %tuple, null
  br i1 %failed, label %none, label %first
first:
  %status.64 = sext i32 %status to i64
  br label %put
put:
  %i = phi i64 [ 0, %first ], [ %next, %more ]
  %value = phi i64 [ %status.64, %first ], [ %word, %more ]
  %number = call ptr @PyLong_FromLongLong(i64 %value)
  %no.number = icmp eq ptr %number, null
  br i1 %no.number, label %drop, label %keep
keep:
  %ignored = call i32 @PyTuple_SetItem(ptr %tuple, i64 %i, ptr %number)
  %end = icmp eq i64 %i, $REPORT_WORDS
  br i1 %end, label %done, label %more
more:
  %next = add i64 %i, 1
  %word.at = getelementptr i64, ptr %words, i64 %i
  %word = load i64, ptr %word.at
  br label %put
drop:
  call void @Py_DecRef(ptr %tuple)
  br label %none
done:
  ret ptr %tuple
none:
  ret ptr null
}

; ---------------------------------------------------------------- the call

; Runs the plan, with the GIL as the work and the locks demand.  Waits 50 ms at most.
define internal i32 @drive(ptr %plan, ptr %frame) nounwind {
start:
  %threshold = call i64 @Plan.release_from(ptr %plan)
  %work = call i64 @work(ptr %plan, ptr %frame)
  %short = icmp ult i64 %work, %threshold
  br i1 %short, label %keep, label %release
keep:
  %at.once = call i32 @lltheano_call(ptr %plan, ptr %frame, i64 0)
  %busy = icmp eq i32 %at.once, $BUSY
  br i1 %busy, label %release, label %done
release:
  %thread = call ptr @PyEval_SaveThread()
  %waited = call i32 @lltheano_call(ptr %plan, ptr %frame, i64 $SLICE_MICROSECONDS)
  call void @PyEval_RestoreThread(ptr %thread)
  br label %done
done:
  %status = phi i32 [ %at.once, %keep ], [ %waited, %release ]
  ret i32 %status
}

; The call proper, with everything that the outcome needs already made.
define internal ptr @call_into(ptr %plan, ptr %frame, ptr %boxes, ptr %list) nounwind {
start:
  %outputs = call i64 @Plan.output_count(ptr %plan)
  %report.word = call i64 @Plan.report(ptr %plan)
  %words = getelementptr i64, ptr %frame, i64 %report.word
  %status = call i32 @drive(ptr %plan, ptr %frame)
  %success = icmp eq i32 %status, $DONE
  br i1 %success, label %accept, label %refuse
accept:
  call void @fill_boxes(ptr %plan, ptr %frame, ptr %boxes)
  %single = icmp eq ptr %list, null
  br i1 %single, label %one, label %many
one:
  %only = load ptr, ptr %boxes
  ret ptr %only
many:
  call void @list_boxes(ptr %list, ptr %boxes, i64 %outputs)
  ret ptr %list
refuse:
  call void @drop_boxes(ptr %boxes, i64 %outputs)
  %unlisted = icmp eq ptr %list, null
  br i1 %unlisted, label %tell, label %drop
drop:
  call void @Py_DecRef(ptr %list)
  br label %tell
tell:
  %interrupted = icmp eq i32 %status, $INTERRUPTED
  br i1 %interrupted, label %raise, label %relate
raise:
  %nothing = call ptr @lltheano_raise_interrupt()
  ret ptr null
relate:
  %tuple = call ptr @report(i32 %status, ptr %words)
  ret ptr %tuple
}

; A refusal before anything was done, with one number that says where.
define internal ptr @refusal(i32 %status, i64 %number) nounwind {
  %words = alloca i64, i64 $REPORT_WORDS
  call void @llvm.memset.p0.i64(ptr %words, i8 0, i64 $REPORT_BYTES, i1 false)
  store i64 %number, ptr %words
  %tuple = call ptr @report(i32 %status, ptr %words)
  ret ptr %tuple
}

define ptr @lltheano_entry(ptr %self, ptr %arguments, i64 %count) nounwind {
start:
  %plan = call ptr @PyCapsule_GetPointer(ptr %self, ptr @entry.name)
  %inputs = call i64 @Plan.input_count(ptr %plan)
  %outputs = call i64 @Plan.output_count(ptr %plan)
  %size = call i64 @Plan.frame_words(ptr %plan)
  %report.word = call i64 @Plan.report(ptr %plan)
  %single = call i64 @Plan.single(ptr %plan)
  %pending = call i32 @PyErr_CheckSignals()
  %calm = icmp eq i32 %pending, 0
  br i1 %calm, label %compare, label %none
compare:
  %agreed = icmp eq i64 %count, %inputs
  br i1 %agreed, label %unpack, label %miscounted
miscounted:
  %no.such = call ptr @refusal(i32 $UNPREPARED, i64 -1)
  ret ptr %no.such
unpack:
  %words = add i64 %size, %inputs
  %frame = alloca i64, i64 %words
  %boxes = alloca ptr, i64 %outputs
  %words.of.report = getelementptr i64, ptr %frame, i64 %report.word
  call void @llvm.memset.p0.i64(ptr %words.of.report, i8 0, i64 $REPORT_BYTES, i1 false)
  %unfit = call i64 @unbox_all(ptr %plan, ptr %arguments, ptr %frame)
  %fit = icmp slt i64 %unfit, 0
  br i1 %fit, label %inspect, label %unprepared
unprepared:
  %other.form = call ptr @refusal(i32 $UNPREPARED, i64 %unfit)
  ret ptr %other.form
inspect:
  %damaged = call i1 @pool_is_damaged()
  br i1 %damaged, label %damage, label %box
damage:
  %corrupt = call ptr @refusal(i32 $DAMAGED, i64 0)
  ret ptr %corrupt
box:
  %boxed = call i1 @make_boxes(ptr %plan, ptr %boxes)
  br i1 %boxed, label %collect, label %none
collect:
  %lone = icmp ne i64 %single, 0
  br i1 %lone, label %go, label %enlist
enlist:
  %made = call ptr @PyList_New(i64 %outputs)
  %no.list = icmp eq ptr %made, null
  br i1 %no.list, label %undo, label %go
undo:
  call void @drop_boxes(ptr %boxes, i64 %outputs)
  br label %none
go:
  %list = phi ptr [ null, %collect ], [ %made, %enlist ]
  %outcome = call ptr @call_into(ptr %plan, ptr %frame, ptr %boxes, ptr %list)
  ret ptr %outcome
none:
  ret ptr null
}

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

; ---------------------------------------------------------------- arguments

; Stores a Python int as the parameter's element; false when it does not fit exactly.
define internal i1 @unbox_long(ptr %object, ptr %parameter, ptr %slot) nounwind {
start:
  %overflow = alloca i32
  %value = call i64 @PyLong_AsLongLongAndOverflow(ptr %object, ptr %overflow)
  %excess = load i32, ptr %overflow
  %representable = icmp eq i32 %excess, 0
  br i1 %representable, label %measure, label %no
measure:
  %itemsize = call i64 @Parameter.itemsize(ptr %parameter)
  %kind = call i64 @Parameter.kind(ptr %parameter)
  %bits = shl i64 %itemsize, 3
  %spare = sub i64 64, %bits
  switch i64 %kind, label %no [ i64 1, label %signed
                                i64 2, label %unsigned
                                i64 3, label %float ]
signed:
  %up = shl i64 %value, %spare
  %back = ashr i64 %up, %spare
  %fits.signed = icmp eq i64 %back, %value
  br i1 %fits.signed, label %integer, label %no
unsigned:
  %natural = icmp sge i64 %value, 0
  %up.unsigned = shl i64 %value, %spare
  %back.unsigned = lshr i64 %up.unsigned, %spare
  %same = icmp eq i64 %back.unsigned, %value
  %fits.unsigned = and i1 %natural, %same
  br i1 %fits.unsigned, label %integer, label %no
integer:
  call void @store_integer(i64 %value, i64 %itemsize, ptr %slot)
  ret i1 true
float:
  %double = sitofp i64 %value to double
  %exact = call i1 @store_float_of_integer(i64 %value, double %double, i64 %itemsize, ptr %slot)
  ret i1 %exact
no:
  ret i1 false
}

define internal void @store_integer(i64 %value, i64 %itemsize, ptr %slot) alwaysinline nounwind {
start:
  switch i64 %itemsize, label %eight [ i64 1, label %one
                                       i64 2, label %two
                                       i64 4, label %four ]
one:
  %byte = trunc i64 %value to i8
  store i8 %byte, ptr %slot
  ret void
two:
  %half = trunc i64 %value to i16
  store i16 %half, ptr %slot
  ret void
four:
  %word = trunc i64 %value to i32
  store i32 %word, ptr %slot
  ret void
eight:
  store i64 %value, ptr %slot
  ret void
}

; Integers up to 2^24 in magnitude are exact in f32, up to 2^53 in f64.
define internal i1 @store_float_of_integer(i64 %value, double %double, i64 %itemsize,
                                           ptr %slot) nounwind {
start:
  %single = icmp eq i64 %itemsize, 4
  %limit = select i1 %single, i64 16777216, i64 9007199254740992
  %shifted = add i64 %value, %limit
  %width = shl i64 %limit, 1
  %exact = icmp ule i64 %shifted, %width
  br i1 %exact, label %store, label %no
store:
  call void @store_float(double %double, i64 %itemsize, ptr %slot)
  ret i1 true
no:
  ret i1 false
}

define internal void @store_float(double %value, i64 %itemsize, ptr %slot) alwaysinline nounwind {
start:
  %single = icmp eq i64 %itemsize, 4
  br i1 %single, label %four, label %eight
four:
  %rounded = fptrunc double %value to float
  store float %rounded, ptr %slot
  ret void
eight:
  store double %value, ptr %slot
  ret void
}

; Stores a Python number into the slot and points the frame at it; false when this parameter does
; not take it.
define internal i1 @unbox_number(ptr %object, ptr %type, ptr %parameter, ptr %words,
                                 ptr %slot) nounwind {
start:
  %allowed = call i64 @Parameter.scalars(ptr %parameter)
  %long = load ptr, ptr @python.long_type
  %float = load ptr, ptr @python.float_type
  %is.long = icmp eq ptr %type, %long
  br i1 %is.long, label %whole, label %fraction
whole:
  %takes.long = and i64 %allowed, 1
  %long.ok = icmp ne i64 %takes.long, 0
  br i1 %long.ok, label %convert, label %no
convert:
  %stored = call i1 @unbox_long(ptr %object, ptr %parameter, ptr %slot)
  br i1 %stored, label %point, label %no
fraction:
  %is.float = icmp eq ptr %type, %float
  %takes.float = and i64 %allowed, 2
  %float.allowed = icmp ne i64 %takes.float, 0
  %float.ok = and i1 %is.float, %float.allowed
  br i1 %float.ok, label %round, label %no
round:
  %value = call double @PyFloat_AsDouble(ptr %object)
  %itemsize = call i64 @Parameter.itemsize(ptr %parameter)
  call void @store_float(double %value, i64 %itemsize, ptr %slot)
  br label %point
point:
  store ptr %slot, ptr %words
  ret i1 true
no:
  ret i1 false
}

; Whether every dimension that the pattern calls broadcast has size 1, and none is beyond MAX_SIZE
; (2^48: the compiler proves things about sums and products of sizes from that).
define internal i1 @pattern_holds(ptr %sizes, i64 %rank, i64 %pattern) alwaysinline nounwind {
start:
  br label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %fine ]
  %end = icmp eq i64 %i, %rank
  br i1 %end, label %yes, label %look
look:
  %size.at = getelementptr i64, ptr %sizes, i64 %i
  %size = load i64, ptr %size.at
  %one = icmp eq i64 %size, 1
  %shifted = lshr i64 %pattern, %i
  %bit = and i64 %shifted, 1
  %open = icmp eq i64 %bit, 0
  %fits = or i1 %one, %open
  %known = icmp ule i64 %size, $MAX_SIZE
  %ok = and i1 %fits, %known
  br i1 %ok, label %fine, label %no
fine:
  %next = add i64 %i, 1
  br label %test
yes:
  ret i1 true
no:
  ret i1 false
}

; Writes an array's data pointer, sizes and strides into the frame; false when it is not an array
; of the parameter's exact form.
define internal i1 @unbox_array(ptr %object, ptr %parameter, ptr %words) alwaysinline nounwind {
start:
  %fields = call ptr @array_fields(ptr %object)
  %nd = call i32 @ArrayFields.rank(ptr %fields)
  %nd.64 = sext i32 %nd to i64
  %descr = call ptr @ArrayFields.dtype(ptr %fields)
  %flags = call i32 @ArrayFields.flags(ptr %fields)
  %flags.64 = zext i32 %flags to i64
  %rank = call i64 @Parameter.rank(ptr %parameter)
  %wanted.descr = call ptr @Parameter.dtype(ptr %parameter)
  %wanted.flags = call i64 @Parameter.flags(ptr %parameter)
  %pattern = call i64 @Parameter.broadcast(ptr %parameter)
  %same.rank = icmp eq i64 %nd.64, %rank
  %same.descr = icmp eq ptr %descr, %wanted.descr
  %held = and i64 %flags.64, %wanted.flags
  %same.flags = icmp eq i64 %held, %wanted.flags
  %form = and i1 %same.rank, %same.descr
  %exact = and i1 %form, %same.flags
  br i1 %exact, label %copy, label %no
copy:
  %data = call ptr @ArrayFields.data(ptr %fields)
  %dimensions = call ptr @ArrayFields.sizes(ptr %fields)
  %strides = call ptr @ArrayFields.strides(ptr %fields)
  %sizes.to = getelementptr i64, ptr %words, i64 1
  %strides.to = getelementptr i64, ptr %sizes.to, i64 %rank
  store ptr %data, ptr %words
  call void @copy_sizes(ptr %dimensions, ptr %sizes.to, i64 %rank)
  call void @copy_sizes(ptr %strides, ptr %strides.to, i64 %rank)
  %holds = call i1 @pattern_holds(ptr %dimensions, i64 %rank, i64 %pattern)
  ret i1 %holds
no:
  ret i1 false
}

define internal i1 @unbox(ptr %object, ptr %parameter, ptr %frame,
                          ptr %slot) alwaysinline nounwind {
start:
  %word = call i64 @Parameter.word(ptr %parameter)
  %words = getelementptr i64, ptr %frame, i64 %word
  %header = load i64, ptr @python.header
  %before.end = sub i64 %header, 8
  %type.at = getelementptr i8, ptr %object, i64 %before.end
  %type = load ptr, ptr %type.at
  %array.type = load ptr, ptr @python.array_type
  %is.array = icmp eq ptr %type, %array.type
  br i1 %is.array, label %array, label %number
array:
  %array.ok = call i1 @unbox_array(ptr %object, ptr %parameter, ptr %words)
  ret i1 %array.ok
number:
  %number.ok = call i1 @unbox_number(ptr %object, ptr %type, ptr %parameter, ptr %words, ptr %slot)
  ret i1 %number.ok
}

; Unboxes all arguments; -1, or the number of the first one that is not in the expected form.
; Scalars live behind the frame's words, one word for each parameter.
define internal i64 @unbox_all(ptr %plan, ptr %arguments, ptr %frame) alwaysinline nounwind {
start:
  %parameters = call ptr @Plan.parameters(ptr %plan)
  %inputs = call i64 @Plan.input_count(ptr %plan)
  %size = call i64 @Plan.frame_words(ptr %plan)
  %slots = getelementptr i64, ptr %frame, i64 %size
  br label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %fine ]
  %end = icmp eq i64 %i, %inputs
  br i1 %end, label %done, label %take
take:
  %argument.at = getelementptr ptr, ptr %arguments, i64 %i
  %argument = load ptr, ptr %argument.at
  %parameter = getelementptr %Parameter, ptr %parameters, i64 %i
  %slot = getelementptr i64, ptr %slots, i64 %i
  %ok = call i1 @unbox(ptr %argument, ptr %parameter, ptr %frame, ptr %slot)
  br i1 %ok, label %fine, label %stop
fine:
  %next = add i64 %i, 1
  br label %test
stop:
  ret i64 %i
done:
  ret i64 -1
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

; ---------------------------------------------------------------- results

define internal void @drop_boxes(ptr %boxes, i64 %count) nounwind {
start:
  br label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %drop ]
  %end = icmp eq i64 %i, %count
  br i1 %end, label %done, label %drop
drop:
  %box.at = getelementptr ptr, ptr %boxes, i64 %i
  %box = load ptr, ptr %box.at
  call void @Py_DecRef(ptr %box)
  %next = add i64 %i, 1
  br label %test
done:
  ret void
}

; Makes the empty boxes of all outputs; false with an exception set when one cannot be made.
define internal i1 @make_boxes(ptr %plan, ptr %boxes) alwaysinline nounwind {
start:
  %results = call ptr @Plan.results(ptr %plan)
  %outputs = call i64 @Plan.output_count(ptr %plan)
  br label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %keep ]
  %end = icmp eq i64 %i, %outputs
  br i1 %end, label %done, label %make
make:
  %result = getelementptr %Result, ptr %results, i64 %i
  %rank = call i64 @Result.rank(ptr %result)
  %typenum = call i64 @Result.type_number(ptr %result)
  %rank.32 = trunc i64 %rank to i32
  %typenum.32 = trunc i64 %typenum to i32
  %box = call ptr @new_box(i32 %rank.32, i32 %typenum.32)
  %failed = icmp eq ptr %box, null
  br i1 %failed, label %undo, label %keep
keep:
  %box.at = getelementptr ptr, ptr %boxes, i64 %i
  store ptr %box, ptr %box.at
  %next = add i64 %i, 1
  br label %test
undo:
  call void @drop_boxes(ptr %boxes, i64 %i)
  ret i1 false
done:
  ret i1 true
}

define internal void @fill_boxes(ptr %plan, ptr %frame, ptr %boxes) alwaysinline nounwind {
start:
  %results = call ptr @Plan.results(ptr %plan)
  %outputs = call i64 @Plan.output_count(ptr %plan)
  br label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %fill ]
  %end = icmp eq i64 %i, %outputs
  br i1 %end, label %done, label %fill
fill:
  %result = getelementptr %Result, ptr %results, i64 %i
  %rank = call i64 @Result.rank(ptr %result)
  %word = call i64 @Result.word(ptr %result)
  %itemsize = call i64 @Result.itemsize(ptr %result)
  %words = getelementptr i64, ptr %frame, i64 %word
  %box.at = getelementptr ptr, ptr %boxes, i64 %i
  %box = load ptr, ptr %box.at
  call void @fill_box(ptr %box, ptr %words, i64 %rank, i64 %itemsize)
  %next = add i64 %i, 1
  br label %test
done:
  ret void
}

define internal void @list_boxes(ptr %list, ptr %boxes, i64 %count) alwaysinline nounwind {
start:
  br label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %put ]
  %end = icmp eq i64 %i, %count
  br i1 %end, label %done, label %put
put:
  %box.at = getelementptr ptr, ptr %boxes, i64 %i
  %box = load ptr, ptr %box.at
  %status = call i32 @PyList_SetItem(ptr %list, i64 %i, ptr %box)
  %next = add i64 %i, 1
  br label %test
done:
  ret void
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

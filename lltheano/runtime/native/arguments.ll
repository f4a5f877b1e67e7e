; From the arguments of a call to the words of a frame, as the call plan says.
;
; An argument that is an array must have exactly the form that its %Parameter names.  Any other is
; handed to the parameter's own routine, which stores it in a slot of eight bytes and returns true,
; or returns false.  Those for Python numbers are generated, one for each dtype and what it takes
; (`lltheano/runtime/scalar_arguments.py`): a new kind of argument is a new routine in the plan.

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

; Takes one argument: an array as it is, anything else as the parameter's routine takes it, if it
; has one.  False where it is not in the expected form.
define internal i1 @unbox(ptr %object, ptr %parameter, ptr %frame,
                          ptr %slot) alwaysinline nounwind {
start:
  %word = call i64 @Parameter.word(ptr %parameter)
  %words = getelementptr i64, ptr %frame, i64 %word
  %type = call ptr @type_of(ptr %object)
  %array.type = load ptr, ptr @python.array_type
  %is.array = icmp eq ptr %type, %array.type
  br i1 %is.array, label %array, label %other
array:
  %array.ok = call i1 @unbox_array(ptr %object, ptr %parameter, ptr %words)
  ret i1 %array.ok
other:
  %take = call ptr @Parameter.take(ptr %parameter)
  %refused = icmp eq ptr %take, null
  br i1 %refused, label %no, label %number
number:
  %taken = call i1 %take(ptr %object, ptr %type, ptr %slot)
  br i1 %taken, label %point, label %no
point:
  store ptr %slot, ptr %words
  ret i1 true
no:
  ret i1 false
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

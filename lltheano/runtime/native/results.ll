; The outputs of a call as Python objects: made empty before the call, filled after it.

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

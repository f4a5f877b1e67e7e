; NumPy arrays over blocks of the pool.
;
; Boxing comes in two steps, so that nothing can fail after a commit: @new_box makes the array
; object before the call, over a placeholder, and @fill_box points it to the block afterwards.  The
; array's base is a capsule whose destructor returns the block.  A scalar is copied into memory of
; NumPy's own instead: cheaper than a capsule, and a block is 64 bytes at least.
; Everything here runs with the GIL held.

@python.header = internal global i64 16           ; bytes of an object header
@python.array_type = internal global ptr null
@python.long_type = internal global ptr null
@python.float_type = internal global ptr null
@python.tuple_type = internal global ptr null
@python.none = internal global ptr null
@box.name = internal constant [15 x i8] c"lltheano.block\00"
@box.placeholder = internal global [64 x i8] zeroinitializer, align 64
@box.no_sizes = internal constant [64 x i64] zeroinitializer

define void @lltheano_configure(i64 %header, ptr %array, ptr %long, ptr %float, ptr %tuple,
                                ptr %none) nounwind {
  store i64 %header, ptr @python.header
  store ptr %array, ptr @python.array_type
  store ptr %long, ptr @python.long_type
  store ptr %float, ptr @python.float_type
  store ptr %tuple, ptr @python.tuple_type
  store ptr %none, ptr @python.none
  ret void
}

; The type of an object, the last word of its header.
define internal ptr @type_of(ptr %object) alwaysinline nounwind {
  %header = load i64, ptr @python.header
  %before.end = sub i64 %header, 8
  %type.at = getelementptr i8, ptr %object, i64 %before.end
  %type = load ptr, ptr %type.at
  ret ptr %type
}

define internal ptr @array_fields(ptr %array) alwaysinline nounwind {
  %header = load i64, ptr @python.header
  %fields = getelementptr i8, ptr %array, i64 %header
  ret ptr %fields
}

; The destructor of a box's capsule.
define void @lltheano_capsule_free(ptr %capsule) nounwind {
  %payload = call ptr @PyCapsule_GetPointer(ptr %capsule, ptr @box.name)
  call void @lltheano_pool_free(ptr %payload)
  ret void
}

; An array object of the rank and type with nothing in it yet; null with an exception set when it
; cannot be made.  Flags 1281: C-contiguous, aligned, writable.
define internal ptr @new_box(i32 %rank, i32 %typenum) alwaysinline nounwind {
start:
  %type = load ptr, ptr @python.array_type
  %scalar = icmp eq i32 %rank, 0
  br i1 %scalar, label %own, label %view
own:
  %number = call ptr @PyArray_New(ptr %type, i32 0, ptr null, i32 %typenum, ptr null, ptr null,
                                  i32 0, i32 0, ptr null)
  ret ptr %number
view:
  %array = call ptr @PyArray_New(ptr %type, i32 %rank, ptr @box.no_sizes, i32 %typenum, ptr null,
                                 ptr @box.placeholder, i32 0, i32 1281, ptr null)
  %failed = icmp eq ptr %array, null
  br i1 %failed, label %none, label %tie
tie:
  %capsule = call ptr @PyCapsule_New(ptr @box.placeholder, ptr @box.name, ptr null)
  %no.capsule = icmp eq ptr %capsule, null
  br i1 %no.capsule, label %drop, label %attach
attach:
  ; Takes over the capsule even when it fails.
  %status = call i32 @PyArray_SetBaseObject(ptr %array, ptr %capsule)
  %attached = icmp eq i32 %status, 0
  br i1 %attached, label %done, label %drop
drop:
  call void @Py_DecRef(ptr %array)
  br label %none
done:
  ret ptr %array
none:
  ret ptr null
}

; Hands the block to the box.  %words: the block, then the size of each dimension.  Cannot fail: a
; capsule of the right kind takes any pointer but null.
define internal void @fill_box(ptr %array, ptr %words, i64 %rank,
                               i64 %itemsize) alwaysinline nounwind {
start:
  %fields = call ptr @array_fields(ptr %array)
  %block = load ptr, ptr %words
  %scalar = icmp eq i64 %rank, 0
  br i1 %scalar, label %copy, label %point
copy:
  %own = call ptr @ArrayFields.data(ptr %fields)
  call void @llvm.memcpy.p0.p0.i64(ptr %own, ptr %block, i64 %itemsize, i1 false)
  call void @lltheano_pool_free(ptr %block)
  ret void
point:
  %dimensions = call ptr @ArrayFields.sizes(ptr %fields)
  %strides = call ptr @ArrayFields.strides(ptr %fields)
  %capsule = call ptr @ArrayFields.base(ptr %fields)
  %sizes = getelementptr i64, ptr %words, i64 1
  %data.at = call ptr @ArrayFields.data.at(ptr %fields)
  store ptr %block, ptr %data.at
  call void @copy_sizes(ptr %sizes, ptr %dimensions, i64 %rank)
  call void @contiguous_strides(ptr %sizes, ptr %strides, i64 %rank, i64 %itemsize)
  %pointed = call i32 @PyCapsule_SetPointer(ptr %capsule, ptr %block)
  %armed = call i32 @PyCapsule_SetDestructor(ptr %capsule, ptr @lltheano_capsule_free)
  ; 259: C-contiguous, Fortran-contiguous, aligned.
  call void @PyArray_UpdateFlags(ptr %array, i32 259)
  ret void
}

; One array over one block, whose reference it takes over in any case.
define ptr @lltheano_box(ptr %words, i64 %rank, i64 %typenum, i64 %itemsize) nounwind {
start:
  %rank.32 = trunc i64 %rank to i32
  %typenum.32 = trunc i64 %typenum to i32
  %array = call ptr @new_box(i32 %rank.32, i32 %typenum.32)
  %failed = icmp eq ptr %array, null
  br i1 %failed, label %give_back, label %fill
give_back:
  %block = load ptr, ptr %words
  call void @lltheano_pool_free(ptr %block)
  ret ptr null
fill:
  call void @fill_box(ptr %array, ptr %words, i64 %rank, i64 %itemsize)
  ret ptr %array
}

; Like @lltheano_box, but a scalar too shows the block itself.
define ptr @lltheano_box_view(ptr %words, i64 %rank, i64 %typenum, i64 %itemsize) nounwind {
start:
  %scalar = icmp eq i64 %rank, 0
  br i1 %scalar, label %number, label %general
general:
  %array = call ptr @lltheano_box(ptr %words, i64 %rank, i64 %typenum, i64 %itemsize)
  ret ptr %array
number:
  %type = load ptr, ptr @python.array_type
  %typenum.32 = trunc i64 %typenum to i32
  %block = load ptr, ptr %words
  %view = call ptr @PyArray_New(ptr %type, i32 0, ptr null, i32 %typenum.32, ptr null, ptr %block,
                                i32 0, i32 1281, ptr null)
  %failed = icmp eq ptr %view, null
  br i1 %failed, label %give_back, label %tie
tie:
  %capsule = call ptr @PyCapsule_New(ptr %block, ptr @box.name, ptr @lltheano_capsule_free)
  %no.capsule = icmp eq ptr %capsule, null
  br i1 %no.capsule, label %drop, label %attach
attach:
  %status = call i32 @PyArray_SetBaseObject(ptr %view, ptr %capsule)
  %attached = icmp eq i32 %status, 0
  br i1 %attached, label %done, label %discard
discard:
  call void @Py_DecRef(ptr %view)
  ret ptr null
drop:
  call void @Py_DecRef(ptr %view)
  br label %give_back
give_back:
  call void @lltheano_pool_free(ptr %block)
  ret ptr null
done:
  ret ptr %view
}

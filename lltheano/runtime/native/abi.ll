; The run time's native half, part 1: the layouts and outside functions that the other parts use.
;
; All files of this folder are joined in order (abi, pool, lock, cell, signal, call, box,
; entry, lease) into ONE
; LLVM module, so a name defined in one part is used in any other without a declaration.  Nothing
; here names a target: pointers are opaque, words are 64 bits, sizes and strides count in i64.
;
; The compiler's optimiser inlines what is marked `alwaysinline` and nothing else: so the way of an
; uncontended call is marked, and waiting, checking and reporting are not.
;
; Status codes, shared with `lltheano/runtime/native_code.py`:
;   0 done           1 a check of the program failed      2 out of memory
;   3 a Python function that the program called failed
;   4 a signal handler raised while the program ran
;  16 would block   17 this thread holds the cell itself  18 argument not in the expected form
;  19 the pool found memory damaged                       20 cell torn by a fork

; A block of the pool.  The header lies right before the payload that callers see, so that a
; payload pointer alone is enough to free it.
%Block = type {
  i64,       ; 0  magic: live or free, anything else means that the header was overwritten
  ptr,       ; 1  what malloc returned
  ptr,       ; 2  next free block of the same class
  i64,       ; 3  references: the owner and the array views that borrow the block
  i64,       ; 4  size class
  i64,       ; 5  capacity in bytes
  i64,       ; 6  bytes asked for
  i64,       ; 7  flags: 1 red zones are set, 2 the payload is poisoned
  [64 x i8]  ; 8  red zone before the payload; the one behind it starts at payload + field 6
}

; The storage of one shared array.  `state` has a cache line's worth of company on purpose: whoever
; takes the lock reads the other fields next.
%Cell = type {
  i64,         ; 0  state: readers inside, or -1 one writer, or -2 torn by a fork
  i64,         ; 1  threads that wait; while any does, whoever comes queues behind
  i64,         ; 2  thread that writes, 0 when none
  ptr,         ; 3  the block with the elements, C-contiguous
  i64,         ; 4  bytes of the elements
  i64,         ; 5  version: how often the contents were written
  i64,         ; 6  rank
  i64,         ; 7  bytes of one element
  i64,         ; 8  thread that leases, 0 when none
  [0 x i64]    ; 9  size of each dimension
}

; What a compiled function needs beside its code.  Built once, never written again.
%Plan = type {
  ptr,   ; 0  entry: i32 (ptr frame)
  i64,   ; 1  number of parameters (inputs, then shared)
  ptr,   ; 2  -> %Parameter
  i64,   ; 3  number of inputs
  i64,   ; 4  number of results (outputs, then updates)
  ptr,   ; 5  -> %Result
  i64,   ; 6  number of outputs
  i64,   ; 7  number of locks
  ptr,   ; 8  -> %Lock, in creation order of the cells, each cell once
  i64,   ; 9  words of the frame, report included
  i64,   ; 10 first of the eight report words
  i64,   ; 11 the GIL is released from this many parameter bytes on
  i64,   ; 12 1: return the only output itself, 0: return a list
  i64    ; 13 number of the table of host functions, a word behind the report; 0 for none
}

%Parameter = type {
  ptr,   ; 0  cell, null for an input
  i64,   ; 1  rank
  i64,   ; 2  frame word of the data pointer; sizes and byte strides follow
  ptr,   ; 3  NumPy's descriptor object of the dtype, compared by address
  i64,   ; 4  bytes of one element
  i64,   ; 5  array flags that an argument must have
  i64,   ; 6  bit d set: dimension d has size 1
  i64,   ; 7  Python scalars taken: 1 int, 2 float
  i64    ; 8  scalar kind: 0 none, 1 signed, 2 unsigned, 3 float
}

%Result = type {
  ptr,   ; 0  cell that an update writes, null for an output
  i64,   ; 1  rank
  i64,   ; 2  frame word of the data pointer; sizes follow
  i64,   ; 3  NumPy's type number
  i64    ; 4  bytes of one element
}

%Lock = type {
  ptr,   ; 0  cell
  i64    ; 1  0 read, 1 write
}

; The fields of a NumPy array behind its object header, as `PyArrayObject_fields` has them.
%ArrayFields = type {
  ptr,   ; 0  data
  i32,   ; 1  nd
  ptr,   ; 2  dimensions
  ptr,   ; 3  strides
  ptr,   ; 4  base
  ptr,   ; 5  descr
  i32    ; 6  flags
}

; The C library.
declare ptr @malloc(i64)
declare void @free(ptr)
declare i32 @madvise(ptr, i64, i32)
declare i32 @sched_yield()
declare i32 @usleep(i32)
declare i32 @clock_gettime(i32, ptr)

; CPython.
declare i64 @PyThread_get_thread_ident()
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
declare i32 @PyGILState_Ensure()
declare void @PyGILState_Release(i32)
declare i32 @PyErr_CheckSignals()
declare void @PyErr_Fetch(ptr, ptr, ptr)
declare void @PyErr_Restore(ptr, ptr, ptr)
declare void @Py_IncRef(ptr)
declare void @Py_DecRef(ptr)
declare ptr @PyCFunction_NewEx(ptr, ptr, ptr)
declare ptr @PyCapsule_New(ptr, ptr, ptr)
declare ptr @PyCapsule_GetPointer(ptr, ptr)
declare ptr @PyCapsule_GetContext(ptr)
declare i32 @PyCapsule_SetContext(ptr, ptr)
declare i32 @PyCapsule_SetPointer(ptr, ptr)
declare i32 @PyCapsule_SetDestructor(ptr, ptr)
declare ptr @PyList_New(i64)
declare ptr @PyObject_CallOneArg(ptr, ptr)
declare i32 @PyList_SetItem(ptr, i64, ptr)
declare ptr @PyTuple_New(i64)
declare i32 @PyTuple_SetItem(ptr, i64, ptr)
declare ptr @PyLong_FromLongLong(i64)
declare i64 @PyLong_AsLongLongAndOverflow(ptr, ptr)
declare double @PyFloat_AsDouble(ptr)

; NumPy, from the table in its `_ARRAY_API` capsule.
declare ptr @PyArray_New(ptr, i32, ptr, i32, ptr, ptr, i32, i32, ptr)
declare i32 @PyArray_SetBaseObject(ptr, ptr)
declare void @PyArray_UpdateFlags(ptr, i32)

declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
declare void @llvm.memmove.p0.p0.i64(ptr, ptr, i64, i1)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare i64 @llvm.ctlz.i64(i64, i1)
declare i64 @llvm.umax.i64(i64, i64)
declare i64 @llvm.umin.i64(i64, i64)
declare i64 @llvm.smin.i64(i64, i64)

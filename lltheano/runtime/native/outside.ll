; The functions of the C library, of CPython and of NumPy that native code here calls.
;
; All files of this folder make ONE LLVM module (see `lltheano/runtime/assembly.py`), so a name defined
; in one is used in any other without a declaration.  Nothing here names a target: pointers are
; opaque, words are 64 bits, sizes and strides count in i64.
;
; Structures are declared in `lltheano/runtime/structures.py` and nowhere else: here their members are
; reached by accessors, `@Storage.version(ptr)` for the value and `@Storage.version.at(ptr)` for the
; address.  A name such as $BUSY stands for a number that Python knows by the same name.
;
; The compiler's optimiser inlines what is marked `alwaysinline` and nothing else: so the way of an
; uncontended call is marked, and waiting, checking and reporting are not.

; The C library.
declare ptr @malloc(i64)
declare void @free(ptr)
declare i32 @madvise(ptr, i64, i32)
declare i32 @sched_yield()
declare i32 @usleep(i32)
declare i32 @clock_gettime(i32, ptr)
declare i32 @pthread_create(ptr, ptr, ptr, ptr)
declare i32 @pthread_detach(i64)
declare i32 @pthread_sigmask(i32, ptr, ptr)
declare i32 @sigfillset(ptr)

; CPython.
declare i64 @PyThread_get_thread_ident()
declare ptr @PyThread_allocate_lock()
declare i32 @PyThread_acquire_lock(ptr, i32)
declare void @PyThread_release_lock(ptr)
declare ptr @PyThreadState_Get()
declare ptr @PyFrame_New(ptr, ptr, ptr, ptr)
declare i32 @PyTraceBack_Here(ptr)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
declare i32 @PyGILState_Ensure()
declare void @PyGILState_Release(i32)
declare i32 @Py_AddPendingCall(ptr, ptr)
declare i32 @PyErr_CheckSignals()
declare void @PyErr_Clear()
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
declare ptr @PyDict_New()
declare i32 @PyDict_SetItem(ptr, ptr, ptr)
declare ptr @PyObject_CallNoArgs(ptr)
declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)
declare ptr @PyObject_CallOneArg(ptr, ptr)
declare i32 @PyList_SetItem(ptr, i64, ptr)
declare ptr @PyTuple_New(i64)
declare ptr @PyTuple_GetItem(ptr, i64)
declare i64 @PyTuple_Size(ptr)
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

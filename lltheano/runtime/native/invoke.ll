; What a person calls: a built-in (METH_FASTCALL | METH_KEYWORDS) for each compiled function.
; Its `self` is a tuple: the capsule with the %Plan, a Python function that carries on where the
; native entry does not, the class of its receipts, what settles one, the names of the parameters,
; and the code and the globals of that function, or twice None.
;
; Where native code takes the arguments as they are, no line of Python runs between the call and its
; value.  Otherwise Python code carries on, in which a signal handler may raise at any moment.  It
; notes what the call gives in a receipt, in the same native step that commits.  So when it ends
; with an exception after that, the call has happened all the same: it returns its value, and the
; exception is raised as soon as Python code runs again, as if the signal had come then.

@invoke.name = internal constant [9 x i8] c"function\00"
@invoke.summary = internal constant [99 x i8]
  c"function(*args, **kwargs)\0A--\0A\0ACompute the outputs, and give the shared variables their new values.\00"

@invoke.method = internal constant %MethodDef {
  ptr @invoke.name, ptr @lltheano_invoke, i32 130, ptr @invoke.summary }
@invoke.apart.method = internal constant %MethodDef {
  ptr @invoke.name, ptr @lltheano_invoke_apart, i32 130, ptr @invoke.summary }
@invoke.general.method = internal constant %MethodDef {
  ptr @invoke.name, ptr @lltheano_invoke_general, i32 130, ptr @invoke.summary }

; A new built-in.  %kind 0: native code first; 1: the same, unless an argument shows the memory of
; another array; 2: Python code at once.
define ptr @lltheano_new_function(ptr %parts, i64 %kind) nounwind {
start:
  switch i64 %kind, label %general [ i64 0, label %native
                                     i64 1, label %apart ]
native:
  br label %make
apart:
  br label %make
general:
  br label %make
make:
  %method = phi ptr [ @invoke.method, %native ], [ @invoke.apart.method, %apart ],
                    [ @invoke.general.method, %general ]
  %function = call ptr @PyCFunction_NewEx(ptr %method, ptr %parts, ptr null)
  ret ptr %function
}

; How many arguments were passed by name.
define internal i64 @count_names(ptr %names) alwaysinline nounwind {
start:
  %unnamed = icmp eq ptr %names, null
  br i1 %unnamed, label %none, label %some
some:
  %count = call i64 @PyTuple_Size(ptr %names)
  ret i64 %count
none:
  ret i64 0
}

; Puts arguments that were passed by name into the places of their parameters.  False unless every
; parameter has one argument and the names are the very objects that the parameters are called by.
define internal i1 @bind_names(ptr %arguments, i64 %count, ptr %names, ptr %parameters,
                               ptr %ordered) nounwind {
start:
  %named = call i64 @PyTuple_Size(ptr %names)
  %total = call i64 @PyTuple_Size(ptr %parameters)
  %passed = add i64 %count, %named
  %complete = icmp eq i64 %passed, %total
  br i1 %complete, label %copy, label %no
copy:
  call void @copy_sizes(ptr %arguments, ptr %ordered, i64 %count)
  br label %test
test:
  %i = phi i64 [ 0, %copy ], [ %next, %put ]
  %end = icmp eq i64 %i, %named
  br i1 %end, label %yes, label %look
look:
  %name = call ptr @PyTuple_GetItem(ptr %names, i64 %i)
  br label %search
search:
  %place = phi i64 [ %count, %look ], [ %following, %other ]
  %unknown = icmp eq i64 %place, %total
  br i1 %unknown, label %no, label %compare
compare:
  %parameter = call ptr @PyTuple_GetItem(ptr %parameters, i64 %place)
  %same = icmp eq ptr %parameter, %name
  br i1 %same, label %put, label %other
other:
  %following = add i64 %place, 1
  br label %search
put:
  %number = add i64 %count, %i
  %value.at = getelementptr ptr, ptr %arguments, i64 %number
  %value.to = getelementptr ptr, ptr %ordered, i64 %place
  %value = load ptr, ptr %value.at
  store ptr %value, ptr %value.to
  %next = add i64 %i, 1
  br label %test
yes:
  ret i1 true
no:
  ret i1 false
}

; Adds a frame of the Python function to the traceback of the exception that is set: a traceback
; shows that it comes out of a call of ours, whether Python code has part in that or not.
define internal void @add_frame(ptr %self) nounwind {
start:
  %kind = alloca ptr
  %value = alloca ptr
  %trace = alloca ptr
  %code = call ptr @PyTuple_GetItem(ptr %self, i64 5)
  %globals = call ptr @PyTuple_GetItem(ptr %self, i64 6)
  %none = load ptr, ptr @python.none
  %unknown = icmp eq ptr %code, %none
  br i1 %unknown, label %done, label %make
make:
  call void @PyErr_Fetch(ptr %kind, ptr %value, ptr %trace)
  %state = call ptr @PyThreadState_Get()
  %frame = call ptr @PyFrame_New(ptr %state, ptr %code, ptr %globals, ptr null)
  call void @PyErr_Clear()
  %own.kind = load ptr, ptr %kind
  %own.value = load ptr, ptr %value
  %own.trace = load ptr, ptr %trace
  call void @PyErr_Restore(ptr %own.kind, ptr %own.value, ptr %own.trace)
  %failed = icmp eq ptr %frame, null
  br i1 %failed, label %done, label %add
add:
  %status = call i32 @PyTraceBack_Here(ptr %frame)
  call void @Py_DecRef(ptr %frame)
  br label %done
done:
  ret void
}

; Tries native code with arguments in the order of the parameters.
define internal ptr @try_natively(ptr %self, ptr %arguments, i64 %count) nounwind {
start:
  %capsule = call ptr @PyTuple_GetItem(ptr %self, i64 0)
  %outcome = call ptr @lltheano_entry(ptr %capsule, ptr %arguments, i64 %count)
  %raised = icmp eq ptr %outcome, null
  br i1 %raised, label %show, label %look
show:
  call void @add_frame(ptr %self)
  br label %done
look:
  %tuple = load ptr, ptr @python.tuple_type
  %type = call ptr @type_of(ptr %outcome)
  %is.report = icmp eq ptr %type, %tuple
  br i1 %is.report, label %general, label %done
general:
  %value = call ptr @carry_on(ptr %self, ptr %outcome, ptr %arguments, i64 %count, ptr null)
  ret ptr %value
done:
  ret ptr %outcome
}

define ptr @lltheano_invoke(ptr %self, ptr %arguments, i64 %count, ptr %names) nounwind {
start:
  %named = icmp ne ptr %names, null
  br i1 %named, label %bind, label %native
native:
  %outcome = call ptr @try_natively(ptr %self, ptr %arguments, i64 %count)
  ret ptr %outcome
bind:
  %parameters = call ptr @PyTuple_GetItem(ptr %self, i64 4)
  %total = call i64 @PyTuple_Size(ptr %parameters)
  %ordered = alloca ptr, i64 %total
  %bound = call i1 @bind_names(ptr %arguments, i64 %count, ptr %names, ptr %parameters,
                               ptr %ordered)
  br i1 %bound, label %go, label %general
go:
  %found = call ptr @try_natively(ptr %self, ptr %ordered, i64 %total)
  ret ptr %found
general:
  %value = call ptr @carry_on(ptr %self, ptr null, ptr %arguments, i64 %count, ptr %names)
  ret ptr %value
}

define ptr @lltheano_invoke_apart(ptr %self, ptr %arguments, i64 %count, ptr %names) nounwind {
start:
  %array.type = load ptr, ptr @python.array_type
  %named = call i64 @count_names(ptr %names)
  %total = add i64 %count, %named
  br label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %fine ]
  %end = icmp eq i64 %i, %total
  br i1 %end, label %native, label %look
look:
  %argument.at = getelementptr ptr, ptr %arguments, i64 %i
  %argument = load ptr, ptr %argument.at
  %type = call ptr @type_of(ptr %argument)
  %is.array = icmp eq ptr %type, %array.type
  br i1 %is.array, label %examine, label %fine
examine:
  %fields = call ptr @array_fields(ptr %argument)
  %base = call ptr @ArrayFields.base(ptr %fields)
  %own = icmp eq ptr %base, null
  br i1 %own, label %fine, label %general
fine:
  %next = add i64 %i, 1
  br label %test
native:
  %outcome = call ptr @lltheano_invoke(ptr %self, ptr %arguments, i64 %count, ptr %names)
  ret ptr %outcome
general:
  %value = call ptr @carry_on(ptr %self, ptr null, ptr %arguments, i64 %count, ptr %names)
  ret ptr %value
}

define ptr @lltheano_invoke_general(ptr %self, ptr %arguments, i64 %count, ptr %names) nounwind {
  %value = call ptr @carry_on(ptr %self, ptr null, ptr %arguments, i64 %count, ptr %names)
  ret ptr %value
}

; ---------------------------------------------------------------- in Python

; A new tuple of the objects; null with an exception set when there is no memory.
define internal ptr @tuple_from(ptr %objects, i64 %count) nounwind {
start:
  %tuple = call ptr @PyTuple_New(i64 %count)
  %failed = icmp eq ptr %tuple, null
  br i1 %failed, label %done, label %test
test:
  %i = phi i64 [ 0, %start ], [ %next, %put ]
  %end = icmp eq i64 %i, %count
  br i1 %end, label %done, label %put
put:
  %object.at = getelementptr ptr, ptr %objects, i64 %i
  %object = load ptr, ptr %object.at
  call void @Py_IncRef(ptr %object)
  %status = call i32 @PyTuple_SetItem(ptr %tuple, i64 %i, ptr %object)
  %next = add i64 %i, 1
  br label %test
done:
  ret ptr %tuple
}

; A new dict of what was passed by name, behind the other arguments; None without names.
define internal ptr @dict_of(ptr %names, ptr %values) nounwind {
start:
  %unnamed = icmp eq ptr %names, null
  br i1 %unnamed, label %none, label %make
none:
  %nothing = load ptr, ptr @python.none
  call void @Py_IncRef(ptr %nothing)
  ret ptr %nothing
make:
  %dict = call ptr @PyDict_New()
  %failed = icmp eq ptr %dict, null
  br i1 %failed, label %done, label %measure
measure:
  %count = call i64 @PyTuple_Size(ptr %names)
  br label %test
test:
  %i = phi i64 [ 0, %measure ], [ %next, %put ]
  %end = icmp eq i64 %i, %count
  br i1 %end, label %done, label %put
put:
  %name = call ptr @PyTuple_GetItem(ptr %names, i64 %i)
  %value.at = getelementptr ptr, ptr %values, i64 %i
  %value = load ptr, ptr %value.at
  %status = call i32 @PyDict_SetItem(ptr %dict, ptr %name, ptr %value)
  %next = add i64 %i, 1
  %fine = icmp eq i32 %status, 0
  br i1 %fine, label %test, label %drop
drop:
  call void @Py_DecRef(ptr %dict)
  ret ptr null
done:
  ret ptr %dict
}

; Calls the Python function, with a new receipt, the report if there is one (it is given up here),
; and the arguments.
define internal ptr @carry_on(ptr %self, ptr %report, ptr %arguments, i64 %count,
                              ptr %names) nounwind {
start:
  %objects = alloca ptr, i64 4
  %resolve = call ptr @PyTuple_GetItem(ptr %self, i64 1)
  %class = call ptr @PyTuple_GetItem(ptr %self, i64 2)
  %none = load ptr, ptr @python.none
  %unreported = icmp eq ptr %report, null
  %told = select i1 %unreported, ptr %none, ptr %report
  %by.name = getelementptr ptr, ptr %arguments, i64 %count
  %tuple = call ptr @tuple_from(ptr %arguments, i64 %count)
  %dict = call ptr @dict_of(ptr %names, ptr %by.name)
  %receipt = call ptr @PyObject_CallNoArgs(ptr %class)
  %no.tuple = icmp eq ptr %tuple, null
  %no.dict = icmp eq ptr %dict, null
  %no.receipt = icmp eq ptr %receipt, null
  %a = or i1 %no.tuple, %no.dict
  %lacking = or i1 %a, %no.receipt
  br i1 %lacking, label %clear, label %call
call:
  %told.at = getelementptr ptr, ptr %objects, i64 1
  %tuple.at = getelementptr ptr, ptr %objects, i64 2
  %dict.at = getelementptr ptr, ptr %objects, i64 3
  store ptr %receipt, ptr %objects
  store ptr %told, ptr %told.at
  store ptr %tuple, ptr %tuple.at
  store ptr %dict, ptr %dict.at
  %value = call ptr @PyObject_Vectorcall(ptr %resolve, ptr %objects, i64 4, ptr null)
  %raised = icmp eq ptr %value, null
  br i1 %raised, label %recover, label %clear
recover:
  %settle = call ptr @PyTuple_GetItem(ptr %self, i64 3)
  %recovered = call ptr @recover(ptr %receipt, ptr %settle)
  br label %clear
clear:
  %result = phi ptr [ null, %start ], [ %value, %call ], [ %recovered, %recover ]
  call void @Py_DecRef(ptr %receipt)
  call void @Py_DecRef(ptr %dict)
  call void @Py_DecRef(ptr %tuple)
  call void @Py_DecRef(ptr %report)
  ret ptr %result
}

; The value of a call that has happened, of which Python code has raised: null and the exception
; itself if it has not.  Only the main thread runs signal handlers; no other is recovered.
define internal ptr @recover(ptr %receipt, ptr %settle) nounwind {
start:
  %kind = alloca ptr
  %value = alloca ptr
  %trace = alloca ptr
  %self = call i64 @PyThread_get_thread_ident()
  %main = load i64, ptr @signal.main
  %concerned = icmp eq i64 %self, %main
  br i1 %concerned, label %aside, label %none
aside:
  call void @PyErr_Fetch(ptr %kind, ptr %value, ptr %trace)
  br label %settle.it
settle.it:
  ; Another handler may raise in here.  One exception is enough to say so.
  %tries = phi i32 [ 0, %aside ], [ %more, %again ]
  %settled = call ptr @PyObject_CallOneArg(ptr %settle, ptr %receipt)
  %failed = icmp eq ptr %settled, null
  br i1 %failed, label %again, label %judge
again:
  call void @PyErr_Clear()
  %more = add i32 %tries, 1
  %hopeless = icmp ugt i32 %more, 1000
  br i1 %hopeless, label %restore, label %settle.it
judge:
  %type = call ptr @type_of(ptr %settled)
  %tuple = load ptr, ptr @python.tuple_type
  %happened = icmp eq ptr %type, %tuple
  br i1 %happened, label %take, label %drop
take:
  %error.kind = load ptr, ptr %kind
  %error.value = load ptr, ptr %value
  %error.trace = load ptr, ptr %trace
  %later = call i1 @raise_later(ptr %error.kind, ptr %error.value, ptr %error.trace)
  br i1 %later, label %give, label %drop
give:
  %result = call ptr @PyTuple_GetItem(ptr %settled, i64 0)
  call void @Py_IncRef(ptr %result)
  call void @Py_DecRef(ptr %settled)
  ret ptr %result
drop:
  call void @Py_DecRef(ptr %settled)
  br label %restore
restore:
  %own.kind = load ptr, ptr %kind
  %own.value = load ptr, ptr %value
  %own.trace = load ptr, ptr %trace
  call void @PyErr_Restore(ptr %own.kind, ptr %own.value, ptr %own.trace)
  br label %none
none:
  ret ptr null
}

; Has the exception raised as soon as Python code runs in the main thread; false where that cannot be
; arranged.
define internal i1 @raise_later(ptr %kind, ptr %value, ptr %trace) nounwind {
start:
  %held = call ptr @malloc(i64 $Held.bytes)
  %scarce = icmp eq ptr %held, null
  br i1 %scarce, label %no, label %fill
fill:
  %kind.at = call ptr @Held.kind.at(ptr %held)
  %value.at = call ptr @Held.value.at(ptr %held)
  %trace.at = call ptr @Held.trace.at(ptr %held)
  store ptr %kind, ptr %kind.at
  store ptr %value, ptr %value.at
  store ptr %trace, ptr %trace.at
  %status = call i32 @Py_AddPendingCall(ptr @raise_held, ptr %held)
  %arranged = icmp eq i32 %status, 0
  br i1 %arranged, label %yes, label %free
free:
  call void @free(ptr %held)
  br label %no
yes:
  ret i1 true
no:
  ret i1 false
}

; What Python calls then.
define internal i32 @raise_held(ptr %held) nounwind {
  %kind = call ptr @Held.kind(ptr %held)
  %value = call ptr @Held.value(ptr %held)
  %trace = call ptr @Held.trace(ptr %held)
  call void @free(ptr %held)
  call void @PyErr_Restore(ptr %kind, ptr %value, ptr %trace)
  ret i32 -1
}

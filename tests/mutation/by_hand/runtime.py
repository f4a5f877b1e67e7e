"""Locks, commit, arguments and the pool: one step that others can see the middle of."""

from tests.mutation.faults import Fault

__all__ = ["FAULTS"]

LOCKS, COMMIT, ARGUMENTS = "locks", "commit", "arguments"

FAULTS = (
    Fault(
        LOCKS,
        "who came later gets in first",
        "%earlier = icmp slt i64 %other.number, %number",
        "%earlier = icmp sgt i64 %other.number, %number",
    ),
    Fault(
        LOCKS,
        "a reader does not wait behind a writer that waits",
        "%modes = or i64 %mode, %other.mode",
        "%modes = and i64 %mode, %other.mode",
    ),
    Fault(
        LOCKS,
        "a reader enters while a writer is inside",
        "%taken = icmp slt i64 %state, 0",
        "%taken = icmp eq i64 %state, -2",
    ),
    Fault(
        LOCKS,
        "the owner of a lock is remembered after it has left",
        "  store atomic i64 0, ptr %owner.at monotonic, align 8\n"
        "  store atomic i64 0, ptr %state.at release, align 8\n",
        "  store atomic i64 0, ptr %state.at release, align 8\n",
    ),
    Fault(
        LOCKS,
        "to wait for oneself is no error",
        "%status = select i1 %own, i32 $OWN_LEASE, i32 $BUSY",
        "%status = select i1 %own, i32 $BUSY, i32 $BUSY",
    ),
    Fault(
        LOCKS,
        "a thread cannot read what it leases",
        "br i1 %own, label %inside, label %busy",
        "br i1 %own, label %busy, label %busy",
    ),
    Fault(
        LOCKS,
        "in a child of a fork the threads of its parent still wait",
        "  call void @llvm.memset.p0.i64(ptr @queue.places, i8 0, i64 $QUEUE_BYTES, i1 false)\n",
        "",
    ),
    Fault(
        LOCKS,
        "a place in the queue is lost when its thread serves signals",
        "%kept = select i1 %for.good, ptr null, ptr %storage",
        "%kept = select i1 %for.good, ptr null, ptr null",
    ),
    Fault(
        LOCKS,
        "a thread in Python code waits behind a writer that waits for it",
        "%ahead = and i1 %reads, %nested",
        "%ahead = and i1 %reads, false",
    ),
    Fault(
        COMMIT,
        "a call that is refused keeps the locks that it has",
        "  call void @unlock_first(ptr %plan, i64 %i)\n",
        "",
    ),
    Fault(
        COMMIT,
        "a call that writes takes its locks for reading",
        "@lock_storage(ptr %storage, i64 %mode, i64 %self, ptr %allowance, i1 false,",
        "@lock_storage(ptr %storage, i64 0, i64 %self, ptr %allowance, i1 false,",
    ),
    Fault(
        COMMIT,
        "a call that fails is committed",
        "br i1 %success, label %accept, label %finish",
        "br i1 %success, label %accept, label %accept",
    ),
    Fault(
        COMMIT,
        "the locks of a call are released before it is committed",
        "  call void @commit(ptr %plan, ptr %frame)\n  br label %finish\n",
        "  %early = call i64 @Plan.lock_count(ptr %plan)\n"
        "  call void @unlock_first(ptr %plan, i64 %early)\n"
        "  %yielded = call i32 @sched_yield()\n"
        "  call void @commit(ptr %plan, ptr %frame)\n"
        "  ret i32 %status\n",
    ),
    Fault(
        COMMIT,
        "the last update of a call is not committed",
        "%end = icmp eq i64 %i, %count\n  br i1 %end, label %done, label %update",
        "%past = add i64 %i, 1\n"
        "  %end = icmp uge i64 %past, %count\n  br i1 %end, label %done, label %update",
    ),
    Fault(
        COMMIT,
        "the strides of a shared variable are those of other sizes",
        "%outer = mul i64 %stride, %size",
        "%outer = add i64 %stride, %size",
    ),
    Fault(
        COMMIT,
        "the old block of a variable is never given back",
        "  call void @lltheano_pool_free(ptr %old)\n",
        "",
    ),
    Fault(
        COMMIT,
        "a block that was written in place is given back",
        "  %in.place = icmp eq ptr %old, %data\n",
        "  %in.place = icmp ne ptr %old, %old\n",
    ),
    Fault(
        COMMIT,
        "a write is not counted as a version",
        "  call void @bump(ptr %version.at)\n  %old = load",
        "  %old = load",
    ),
    Fault(
        COMMIT,
        "get_value copies after it has released the lock",
        "  call void @llvm.memcpy.p0.p0.i64(ptr %copy, ptr %data, i64 %bytes, i1 false)\n"
        "  call void @copy_sizes(ptr %sizes.at, ptr %sizes.to, i64 %rank)\n"
        "  call void @unlock_read(ptr %storage)\n",
        "  call void @copy_sizes(ptr %sizes.at, ptr %sizes.to, i64 %rank)\n"
        "  call void @unlock_read(ptr %storage)\n"
        "  %yielded = call i32 @sched_yield()\n"
        "  call void @llvm.memcpy.p0.p0.i64(ptr %copy, ptr %data, i64 %bytes, i1 false)\n",
    ),
    Fault(
        COMMIT,
        "set_value writes into a block that a borrowed view shows",
        "%serves = and i1 %fits, %sole",
        "%serves = and i1 %fits, true",
    ),
    Fault(
        COMMIT,
        "set_value writes past the end of a block that is too small",
        "%large.enough = icmp ule i64 %bytes, %room",
        "%large.enough = icmp ule i64 0, %room",
    ),
    Fault(
        COMMIT,
        "what was prepared is in a storage and goes back to the pool as well",
        "  call void @lltheano_pool_retain(ptr %block)\n"
        "  call void @install(ptr %storage, ptr %block, ptr %sizes)\n",
        "  call void @install(ptr %storage, ptr %block, ptr %sizes)\n",
    ),
    Fault(
        COMMIT,
        "a borrowed view does not keep its block alive",
        "  call void @lltheano_pool_retain(ptr %data)\n  store ptr %data, ptr %words\n",
        "  store ptr %data, ptr %words\n",
    ),
    Fault(
        ARGUMENTS,
        "an array of another dtype is taken as it is",
        "%form = and i1 %same.rank, %same.descr",
        "%form = and i1 %same.rank, true",
    ),
    Fault(
        ARGUMENTS,
        "an array of another rank is taken as it is",
        "%form = and i1 %same.rank, %same.descr",
        "%form = and i1 true, %same.descr",
    ),
    Fault(
        ARGUMENTS,
        "an array that is not aligned, or read-only, is taken as it is",
        "%exact = and i1 %form, %same.flags",
        "%exact = and i1 %form, true",
    ),
    Fault(
        ARGUMENTS,
        "an axis that must be 1 has any size",
        "%fits = or i1 %one, %open",
        "%fits = or i1 true, %open",
    ),
    Fault(
        ARGUMENTS,
        "a size may be beyond what the compiler proves things from",
        "%known = icmp ule i64 %size, $MAX_SIZE",
        "%known = icmp ule i64 0, %size",
    ),
    Fault(
        ARGUMENTS,
        "a Python integer wraps around",
        "%within = and i1 %enough, %not.over",
        "%within = and i1 %enough, true",
    ),
    Fault(
        ARGUMENTS,
        "a negative Python integer becomes a large one",
        "%within = and i1 %enough, %not.over",
        "%within = and i1 true, %not.over",
    ),
    Fault(
        ARGUMENTS,
        "a Python integer is rounded to a float",
        "most = 1 << (np.finfo(dtype).nmant + 1)",
        "most = 1 << (np.finfo(dtype).nmant + 2)",
    ),
    Fault(
        ARGUMENTS,
        "an integer too long for eight bytes is taken as its last ones",
        "%exact = and i1 %known, %within",
        "%exact = and i1 true, %within",
    ),
    Fault(
        ARGUMENTS,
        "what is neither an array nor a number is read as a float",
        "  br i1 %is.float, label %round, label %no",
        "  br i1 %is.float, label %round, label %round",
    ),
    Fault(
        ARGUMENTS,
        "what was passed by name is looked for among the other arguments",
        "  br i1 %named, label %bind, label %native\n",
        "  br i1 %named, label %native, label %native\n",
    ),
    Fault(
        ARGUMENTS,
        "an argument that shows the memory of a shared variable is taken as it is",
        "  br i1 %own, label %fine, label %general\n",
        "  br i1 %own, label %fine, label %fine\n",
    ),
    Fault(
        ARGUMENTS,
        "arguments that are missing are read from behind the others",
        "%agreed = icmp eq i64 %count, %inputs",
        "%agreed = icmp uge i64 %inputs, %count",
    ),
    Fault(
        ARGUMENTS,
        "the results of a call that fails are never given back",
        "refuse:\n  call void @drop_boxes(ptr %boxes, i64 %outputs)\n",
        "refuse:\n",
    ),
    Fault(
        ARGUMENTS,
        "a call goes on with a pool that is known to be damaged",
        "br i1 %damaged, label %damage, label %box",
        "br i1 %damaged, label %box, label %box",
    ),
    Fault(
        ARGUMENTS,
        "an array that is not aligned is not copied",
        "return array if array.flags.aligned else array.copy()",
        "return array",
    ),
    Fault(
        ARGUMENTS,
        "floats that no integer stands for are cast",
        "(whole < float(limits.max) + 1)).all():",
        "(whole == whole)).all():",
    ),
    Fault(
        ARGUMENTS,
        "the mask of a masked array is lost",
        'raise TypeError("masked arrays are not taken, as their masks would be lost")',
        "pass",
    ),
    Fault(
        "memory pool",
        "a block is shorter than it is said to be",
        "%mantissa = add i64 %quarter, 5",
        "%mantissa = add i64 %quarter, 4",
    ),
    Fault(
        "memory pool",
        "a write behind the end of a block is not noticed",
        "%ok = and i1 %front.ok, %back.ok",
        "%ok = and i1 %front.ok, true",
    ),
)

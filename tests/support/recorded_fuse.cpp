// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/recorded_fuse.h"

#include <sys/uio.h>

extern "C" {

int fuse_reply_err(fuse_req_t request, int number) {
  ++request->answer.answers;
  request->answer.error = number;
  return request->result;
}

void fuse_reply_none(fuse_req_t request) { ++request->answer.answers; }

int fuse_reply_entry(fuse_req_t request, const fuse_entry_param* entry) {
  ++request->answer.answers;
  request->answer.entry = *entry;
  return request->result;
}

int fuse_reply_attr(fuse_req_t request, const struct stat* attributes, double timeout) {
  ++request->answer.answers;
  request->answer.attributes = *attributes;
  request->answer.timeout = timeout;
  return request->result;
}

int fuse_reply_open(fuse_req_t request, const fuse_file_info* file) {
  ++request->answer.answers;
  request->answer.opened = *file;
  return request->result;
}

int fuse_reply_buf(fuse_req_t request, const char* bytes, std::size_t size) {
  if (request->on_bytes) request->on_bytes();
  ++request->answer.answers;
  request->answer.bytes = std::string(bytes == nullptr ? "" : bytes, size);
  return request->result;
}

int fuse_reply_iov(fuse_req_t request, const struct iovec* pieces, int count) {
  ++request->answer.answers;
  request->answer.bytes.emplace();
  for (int i = 0; i < count; ++i) {
    request->answer.bytes->append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
  }
  return request->result;
}

int fuse_reply_xattr(fuse_req_t request, std::size_t size) {
  ++request->answer.answers;
  request->answer.xattr_size = size;
  return request->result;
}

int fuse_reply_readlink(fuse_req_t request, const char* path) {
  ++request->answer.answers;
  request->answer.bytes = path;
  return request->result;
}

int fuse_reply_statfs(fuse_req_t request, const struct statvfs* facts) {
  ++request->answer.answers;
  request->answer.filesystem = *facts;
  return request->result;
}

void* fuse_req_userdata(fuse_req_t request) { return request->operations; }

const fuse_ctx* fuse_req_ctx(fuse_req_t request) { return &request->caller; }

void fuse_req_interrupt_func(fuse_req_t request, fuse_interrupt_func_t call, void* data) {
  request->on_interrupt = call;
  request->interrupt_data = data;
}

int fuse_lowlevel_notify_inval_inode(fuse_session*, fuse_ino_t, off_t, off_t) { return 0; }

int fuse_lowlevel_notify_store(fuse_session*, fuse_ino_t, off_t, fuse_bufvec*, fuse_buf_copy_flags) { return 0; }

}  // extern "C"

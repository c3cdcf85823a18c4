// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cache/library.h"
#include "fs/pages/attributes.h"
#include "fs/pages/documents.h"
#include "fs/tree/activity.h"
#include "fs/tree/tree.h"
#include "vo/base/sky.h"
#include "vo/http/listening_socket.h"

namespace platefs::fs {

struct ServeOptions {
  std::string token;        ///< who knows it is let in (access.h); empty: everybody who reaches the port
  bool has_webdav = false;  ///< PROPFIND is answered
  vo::Angle default_radius = vo::Angle::arcminutes(10);
  Look look;
  std::size_t prefetch = 4;  ///< plates made ready for a client that goes through them in order
  Ownership ownership;       ///< what directory pages tell as times
  std::function<void(std::string_view)> log;
  std::shared_ptr<Activity> activity = std::make_shared<Activity>();
  std::size_t most_connections = 256;  ///< others wait until the system accepts them
};

/// The tree over HTTP/1.1 on 127.0.0.1: another door to the same tree, documents and files as fs/fuse, without a
/// kernel.
///
/// Every path of a mount is a URL, also one that nobody listed. GET and HEAD: a file with its ETag (entry.h), one
/// Range, conditions (preconditions.h); a directory as a page of relative links; a path through a symbolic link is sent
/// on (302) to where it leads, so that no program goes round. A file is opened as a mount opens it, so its exact length
/// is told; HEAD opens only what needs no more than its beginning for that (full.fits, links/): of what would have to
/// be made it tells no length (chunked). PROPFIND and OPTIONS for WebDAV, class 1, read-only. A failure is a status
/// (status_of.h) and a text that says why and what to do.
///
/// No thread waits: four of the HTTP library's serve all connections; one that waits for the library is suspended
/// (parking.h), and given up when its client goes (client_watch.h). What is whole in the cache is sent by sendfile from
/// the cache's own file. Bounded: connections, 32 KiB of head, 64 KiB of a body, a connection that says nothing 20
/// seconds, one in the middle of a long file an hour.
class HttpServer {
 public:
  /// `library` and `documents` outlive the server. Serves from here on. Throws Error{LocalIo}.
  HttpServer(vo::ListeningSocket& socket, ServeOptions options, cache::Library& library, const Documents& documents);
  /// stop(); then the library must not answer questions of its tree any more.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Ends all connections and waits at once. When it returns no thread of its own runs any more. Once, on any thread.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace platefs::fs

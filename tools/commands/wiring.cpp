// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/wiring.h"

#include <chrono>
#include <cmath>
#include <ctime>
#include <stop_token>

#include "cache/cached_library.h"
#include "cache/store/store.h"
#include "cache/store/writer.h"
#include "tools/cli/status.h"
#include "tools/cli/version.h"
#include "vo/http/curl_transport.h"
#include "vo/http/local_files.h"
#include "vo/http/login_transport.h"

namespace platefs::tools {
namespace {

cache::StoreOptions store_options(const CommonOptions& options, const Log& log, cache::StoreOptions::Access access,
                                  const std::vector<std::filesystem::path>& bases) {
  return {.directory = cache_directory(options),
          .access = access,
          .bases = bases,
          .quota = bytes_from(options.cache_size),
          .now = unix_now,
          .warn = [log](std::string_view text) { log.warn(text); }};
}

/// Services that are built in with an http URL; most are there by https as well.
std::map<std::string, std::string> built_in_http_origins() {
  std::map<std::string, std::string> origins;
  for (const auto& [name, entry] : built_in_archives()) {
    const auto url = vo::Url::parse(entry.url);
    if (url.scheme() == "http" && url.port() == 80) origins[url.origin()] = "https://" + url.host();
  }
  return origins;
}

vo::CurlOptions curl_options(const CommonOptions& options, const Log& log) {
  vo::CurlOptions curl;
  curl.user_agent = user_agent();
  curl.per_host_limit = static_cast<std::size_t>(options.jobs_per_host);
  curl.timeout = std::chrono::milliseconds(static_cast<long>(options.timeout_seconds * 1000));
  curl.connect_timeout = std::min(curl.connect_timeout, curl.timeout);
  if (!options.proxy.empty()) curl.proxy = options.proxy;
  curl.gateway = gateway_from(options);
  curl.offline = options.offline;
  curl.asks_past_caches = options.refresh;
  curl.ca_bundle = options.ca_file.string();
  curl.allows_private_addresses = options.allow_private_addresses;
  curl.https_first = built_in_http_origins();
  curl.warn = [log](std::string_view text) { log.warn(text); };
  for (const auto& entry : archives_from(options)) {
    for (const auto& origin : entry.max_requests > 0 ? origins_of(entry) : std::vector<std::string>{}) {
      curl.limits[origin] = static_cast<std::size_t>(entry.max_requests);
    }
    for (const auto& origin : entry.max_rate > 0 ? origins_of(entry) : std::vector<std::string>{}) {
      curl.intervals[origin] = std::chrono::milliseconds(static_cast<long>(std::ceil(1000 / entry.max_rate)));
    }
    if (entry.has_credentials()) curl.credentials.push_back(credentials_of(entry));
    if (const auto login = login_of(entry)) {
      curl.credentials.push_back({.origins = login->origins, .service = login->service.text()});
    }
  }
  return curl;
}

constexpr std::int64_t kHttpsRefusedFor = 7 * 86400;

std::string key_of_refusal(const std::string& origin) { return "plain " + origin; }

/// Those where https was refused lately, by whichever process, are asked by http at once.
vo::CurlOptions with_refusals_remembered(vo::CurlOptions curl, const cache::Store& store, cache::Writer& writer) {
  std::erase_if(curl.https_first, [&store](const auto& each) {
    const auto refused = store.document(key_of_refusal(each.first));
    return refused && unix_now() < refused->expires_at && refused->fetched_at <= unix_now();
  });
  curl.on_https_refused = [&writer](const std::string& origin) {
    const auto now = unix_now();
    cache::remember(writer, key_of_refusal(origin),
                    {.bytes = {}, .absent = true, .fetched_at = now, .expires_at = now + kHttpsRefusedFor});
  };
  return curl;
}

std::vector<vo::FormLogin> logins_of(const CommonOptions& options) {
  std::vector<vo::FormLogin> logins;
  for (const auto& entry : archives_from(options)) {
    if (auto login = login_of(entry)) logins.push_back(std::move(*login));
  }
  return logins;
}

/// A transport of one's own, with logins.
class CommandTransport final : public vo::Transport {
 public:
  CommandTransport(const CommonOptions& options, const Log& log)
      : curl_(curl_options(options, log)), logins_(curl_, logins_of(options)) {}
  ~CommandTransport() override { curl_.stop(); }
  CommandTransport(const CommandTransport&) = delete;
  CommandTransport& operator=(const CommandTransport&) = delete;
  vo::TransferTicket start(vo::http::Request request, std::shared_ptr<vo::TransferHandler> handler) override {
    return logins_.start(std::move(request), std::move(handler));
  }
  void expect_many(const vo::Url& url) override { logins_.expect_many(url); }

 private:
  vo::CurlTransport curl_;
  vo::LoginTransport logins_;
};

/// Where nobody waits at a prompt, a host that limits how many requests it answers is waited for.
/// A batch goes through each answer once, and soon after it came.
constexpr std::uint64_t kAnswersOfBatches = 1ull << 20;

vo::CurlOptions with_patience(vo::CurlOptions curl, Application::WaitPolicy policy) {
  if (policy == Application::WaitPolicy::Batches) curl.busy_patience = std::chrono::hours{1};
  return curl;
}

constexpr std::chrono::seconds kPatienceOfListings{3};

cache::CachedLibrary::Archives archives_of(const CommonOptions& options, const Log& log,
                                           Application::WaitPolicy policy) {
  cache::CachedLibrary::Archives archives;
  archives.services = services_from(options);
  archives.jobs_per_host = static_cast<std::size_t>(options.jobs_per_host);
  // Conversations that wait for their turn at the host must not keep others from asking elsewhere.
  archives.options.threads = 2 * options.jobs_per_host;
  archives.options.now = unix_now;
  archives.options.note = [log](std::string_view text) { log.info(text); };
  archives.resolver = resolver_from(options);
  archives.catalogue = catalogue_from(options);
  archives.program = version();
  archives.deadline = std::chrono::milliseconds(static_cast<long>(options.timeout_seconds * 1000));
  if (options.refresh) archives.options.refresh_before = unix_now();
  if (policy == Application::WaitPolicy::Batches) archives.answer_bytes = kAnswersOfBatches;
  if (policy != Application::WaitPolicy::Listings) return archives;
  archives.patience = kPatienceOfListings;
  // A command tells its failures itself, and one that is offline expects them.
  if (!options.offline) archives.warn = [log](std::string_view text) { log.warn(text); };
  return archives;
}

}  // namespace

std::unique_ptr<vo::Transport> make_transport(const CommonOptions& options, const Log& log) {
  return std::make_unique<CommandTransport>(options, log);
}

std::unique_ptr<cache::Store> open_store(const CommonOptions& options, const Log& log,
                                         cache::StoreOptions::Access access, WithBases with_bases) {
  const auto bases = with_bases == WithBases::Yes ? options.cache_bases : std::vector<std::filesystem::path>{};
  return std::make_unique<cache::Store>(store_options(options, log, access, bases));
}

std::int64_t unix_now() { return static_cast<std::int64_t>(std::time(nullptr)); }

struct Application::Parts {
  Parts(const CommonOptions& options, const Log& log, WaitPolicy policy)
      : store(store_options(options, log, cache::StoreOptions::Access::ReadWrite, options.cache_bases)),
        writer(store, [log](std::string_view text) { log.warn(text); }),
        transport(with_refusals_remembered(with_patience(curl_options(options, log), policy), store, writer)),
        logins(transport, logins_of(options)),
        files(logins),
        library(archives_of(options, log, policy), files, store, writer) {}

  cache::Store store;
  cache::Writer writer;
  vo::CurlTransport transport;
  vo::LoginTransport logins;
  vo::LocalFiles files;
  cache::CachedLibrary library;
};

Application::Application(const CommonOptions& options, const Log& log, WaitPolicy policy)
    : parts_(std::make_unique<Parts>(options, log, policy)) {}

Application::~Application() { stop(); }

cache::Library& Application::library() { return parts_->library; }

// In the order of the bytes: what still brings some, what takes them, and then the threads end.
std::optional<vo::Error> Application::stop() noexcept {
  parts_->library.shut();
  parts_->transport.stop();
  parts_->files.stop();
  parts_->library.stop();
  return parts_->writer.stop();
}

void Application::pin(const std::vector<std::string>& keys) {
  parts_->writer.run([&](cache::Store& store) {
    for (const auto& key : keys) {
      if (const auto object = store.object(key)) store.set_pinned(object->id, true);
    }
  });
}

std::uint64_t Application::bytes_received() const {
  std::uint64_t bytes = 0;
  for (const auto& host : parts_->transport.snapshot().hosts) bytes += host.bytes;
  return bytes;
}

std::string Application::status_json(const std::string& mountpoint, const std::vector<fs::FileInUse>& files) const {
  return tools::status_json(mountpoint, parts_->transport.snapshot(), parts_->store.usage(), parts_->library.failures(),
                            files);
}

}  // namespace platefs::tools

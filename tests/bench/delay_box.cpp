// SPDX-License-Identifier: BSD-3-Clause
// A long wire between two interfaces: takes every Ethernet frame from one, gives it to the other DELAY later,
// at RATE, with a drop-tail queue. A stand-in for the kernel's `netem`, which is not in every kernel.
//
//   bench-delay-box INTERFACE INTERFACE DELAY_MICROSECONDS MEGABITS_PER_SECOND QUEUE_BYTES
//
// Below TCP, so that handshakes, slow start, windows and losses cost what they cost on a real path; a relay
// that ends the TCP connections would hide all of them. Frames are large (GSO): their headers are counted for
// each segment they will become. One thread; ends on SIGTERM and says on stderr what passed.
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
// One of the header's structures has a member called `class`.
#define class class_
#include <linux/virtio_net.h>
#undef class
#include <net/if.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

constexpr std::size_t kLargestFrame = 70 * 1024;
constexpr int kFramesAtATime = 64;
constexpr std::size_t kHeaders = 14 + 20 + 32;  // Ethernet, IPv4, TCP with time stamps
constexpr std::size_t kBetweenFrames = 24;      // preamble, checksum, gap of a real Ethernet

volatile std::sig_atomic_t stopping = 0;

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

template <typename Value>
void set_option(int socket, int level, int option, const Value& value, const char* name) {
  if (::setsockopt(socket, level, option, &value, sizeof value) != 0) fail(name);
}

int open_interface(const char* name) {
  const int socket = ::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
  if (socket < 0) fail("packet socket");
  set_option(socket, SOL_PACKET, PACKET_VNET_HDR, 1, "PACKET_VNET_HDR");
  set_option(socket, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, "PACKET_IGNORE_OUTGOING");
  set_option(socket, SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20, "SO_RCVBUFFORCE");
  set_option(socket, SOL_SOCKET, SO_SNDBUFFORCE, 64 << 20, "SO_SNDBUFFORCE");
  sockaddr_ll address = {};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(::if_nametoindex(name));
  if (address.sll_ifindex == 0) fail(name);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("bind");
  packet_mreq all = {};
  all.mr_ifindex = address.sll_ifindex;
  all.mr_type = PACKET_MR_PROMISC;
  set_option(socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, all, "PACKET_MR_PROMISC");
  return socket;
}

/// Bytes that a frame, virtio header included, is on the wire once it is cut into segments.
std::size_t wire_bytes(const char* frame, std::size_t size) {
  virtio_net_hdr header;
  std::memcpy(&header, frame, sizeof header);
  const std::size_t bytes = size - sizeof header;
  const std::size_t payload = bytes > kHeaders ? bytes - kHeaders : 0;
  const std::size_t segment = header.gso_size;
  const std::size_t segments = segment == 0 || payload == 0 ? 1 : (payload + segment - 1) / segment;
  return bytes + (segments - 1) * kHeaders + segments * kBetweenFrames;
}

struct Wire {
  nanoseconds delay;
  double nanoseconds_per_byte;
  std::size_t queue_bytes;
};

/// One way of the wire.
class Lane {
 public:
  Lane(int from, int to, const Wire& wire) : from_(from), to_(to), wire_(wire) {}

  void take_in() {
    char buffer[kLargestFrame];
    for (int i = 0; i < kFramesAtATime; ++i) {
      const auto size = ::recv(from_, buffer, sizeof buffer, MSG_TRUNC);
      if (size <= 0) return;
      enqueue(buffer, static_cast<std::size_t>(size));
    }
  }

  /// Sends what is due; the time of the next frame, far away if there is none.
  Clock::time_point give_out() {
    while (!frames_.empty()) {
      const auto& frame = frames_.front();
      const auto now = Clock::now();
      if (frame.due > now) return frame.due;
      if (::send(to_, frame.bytes.data(), frame.bytes.size(), 0) < 0) {
        if (errno == EAGAIN || errno == ENOBUFS) return now + std::chrono::microseconds(50);
        ++dropped_;
      }
      frames_.pop_front();
    }
    return Clock::time_point::max();
  }

  void report(const char* name) const {
    std::fprintf(stderr, "%s: %llu bytes, %llu frames dropped\n", name, static_cast<unsigned long long>(bytes_),
                 static_cast<unsigned long long>(dropped_));
  }
  int input() const { return from_; }

 private:
  struct Frame {
    Clock::time_point due;
    std::vector<char> bytes;
  };

  void enqueue(const char* frame, std::size_t size) {
    const auto now = Clock::now();
    free_at_ = std::max(free_at_, now);
    const double waiting = static_cast<double>((free_at_ - now).count()) / wire_.nanoseconds_per_byte;
    if (size > kLargestFrame || waiting > static_cast<double>(wire_.queue_bytes)) {
      ++dropped_;
      return;
    }
    const std::size_t bytes = wire_bytes(frame, size);
    free_at_ += nanoseconds(static_cast<long>(static_cast<double>(bytes) * wire_.nanoseconds_per_byte));
    frames_.push_back({free_at_ + wire_.delay, std::vector<char>(frame, frame + size)});
    bytes_ += bytes;
  }

  int from_, to_;
  Wire wire_;
  std::deque<Frame> frames_;
  Clock::time_point free_at_ = Clock::now();  ///< when the last frame has left
  std::uint64_t bytes_ = 0, dropped_ = 0;
};

void wait_for(Lane& forth, Lane& back, Clock::time_point until) {
  pollfd inputs[] = {{forth.input(), POLLIN, 0}, {back.input(), POLLIN, 0}};
  timespec patience = {};
  if (until != Clock::time_point::max()) {
    // A frame may be 100 µs late: small against the delay, and it spares a wake-up for each frame.
    const auto left = std::max(nanoseconds(until - Clock::now()), nanoseconds(100'000));
    patience = {left.count() / 1'000'000'000, left.count() % 1'000'000'000};
  }
  const bool forever = until == Clock::time_point::max();
  if (::ppoll(inputs, 2, forever ? nullptr : &patience, nullptr) <= 0) return;
  if (inputs[0].revents != 0) forth.take_in();
  if (inputs[1].revents != 0) back.take_in();
}

int run(char** arguments) {
  const Wire wire{std::chrono::microseconds(std::stol(arguments[3])), 8000.0 / std::stod(arguments[4]),
                  std::stoul(arguments[5])};
  const int near = open_interface(arguments[1]), far = open_interface(arguments[2]);
  Lane forth{near, far, wire}, back{far, near, wire};
  std::puts("ready");
  std::fflush(stdout);
  while (stopping == 0) {
    const auto next_forth = forth.give_out();  // in this order: both have to be asked
    const auto next_back = back.give_out();
    wait_for(forth, back, std::min(next_forth, next_back));
  }
  forth.report("forth");
  back.report("back");
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 6) {
    std::fputs("usage: bench-delay-box INTERFACE INTERFACE DELAY_US MBIT_PER_S QUEUE_BYTES\n", stderr);
    return 2;
  }
  struct sigaction action = {};
  action.sa_handler = [](int) { stopping = 1; };
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  prctl(PR_SET_TIMERSLACK, 1000);
  try {
    return run(arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-delay-box: %s\n", error.what());
    return 1;
  }
}

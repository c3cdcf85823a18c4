// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "vo/http/transport.h"
#include "vo/services/own_protocol.h"
#include "vo/services/tap.h"
#include "vo/votable/votable.h"

namespace platefs::vo {

class TableSearch;

/// The question for plates at a place as a text: what an answer is remembered by.
std::string plates_question(const TapService& service, const IcrsPosition& position);

/// Takes out the rows that came by their centre (place_condition.h) and whose area, by s_region, else by s_fov, does
/// not contain `position`, nor meet the circle of `reach` around it. Where neither is stated the field is taken for
/// `usual_field`. True: some are out.
bool drop_rows_outside(Votable& plates, PlaceForm form, const IcrsPosition& position, Angle reach = Angle::degrees(0),
                       Angle usual_field = Angle::degrees(kUsualField));

/// What a service turned out to want.
struct SearchHabits {
  PlaceForm form = PlaceForm::RegionOrBox;
  bool is_form_known = false;  ///< it worked, or was given: a refusal then means something else
  bool wants_jobs = false;     ///< it does not answer a synchronous query in time
  bool wants_post = false;     ///< it refused one by GET

  friend bool operator==(const SearchHabits&, const SearchHabits&) = default;
};
/// As one line, and back; nothing for what is none.
std::string text_of(const SearchHabits& habits);
std::optional<SearchHabits> habits_in(std::string_view text);

/// Asks one service for the plates at a place, as its kind wants it and as it turned out to work: learns whether the
/// service computes with s_region, whether it answers in time or wants a job (tap_job.h), and whether it takes GET. An
/// answer that is cut short is gone on with from its last t_min. Thread-safe; blocks, for a query thread. Throws Error.
class PlateSearch {
 public:
  /// Both outlive it.
  PlateSearch(const TapService& service, Transport& transport);
  ~PlateSearch();

  struct Answer {
    FramedVotable read;
    std::string body;                   ///< as it came, unpacked; empty: the rows are not those of one document
    std::optional<Error> failure = {};  ///< the service failed, and these are rows that it gave before
  };
  Answer at(const IcrsPosition& position, const std::stop_token& stop);
  /// That of the service's kind; null where it speaks one of the Virtual Observatory.
  const std::shared_ptr<const OwnProtocol>& own() const { return own_; }

  SearchHabits habits() const { return {form_, is_form_known_, wants_jobs_, wants_post_}; }
  /// Goes on from what was found out before; a form that the service was given stays.
  void resume(const SearchHabits& habits);

  /// For all of `positions` by one request with an upload (tap_upload.h): a document for each.
  struct Many {
    std::vector<std::string> documents;  ///< empty: the service cut the answer short, or can't be asked so
    std::size_t rows = 0;
  };
  Many at_each(std::span<const IcrsPosition> positions, const std::stop_token& stop);

 private:
  Answer by_tap(const IcrsPosition& position, const std::stop_token& stop);
  Answer by_form(PlaceForm form, const IcrsPosition& position, const std::stop_token& stop);
  Answer asked(const std::string& adql, const std::stop_token& stop);
  Answer asked_at_once(const std::string& adql, const std::stop_token& stop);
  std::optional<Answer> asked_by_get(const Url& url, const std::stop_token& stop);
  Answer accepted_from(http::Request request, const std::stop_token& stop);
  static Answer read_answer(http::Response response);

  const TapService& service_;
  Transport& transport_;
  std::shared_ptr<const OwnProtocol> own_;
  std::unique_ptr<TableSearch> table_;  ///< of a service that is a table
  std::atomic<PlaceForm> form_;
  std::atomic<bool> is_form_known_;
  std::atomic<bool> wants_jobs_{false}, wants_post_{false};
};

}  // namespace platefs::vo

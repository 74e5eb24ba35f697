// Requests and responses as handlers see them: plain values, without a socket. A handler either answers, or names what has to
// be looked at in the journals first: those belong to the threads that write them, and nobody waits for another thread.
#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "journal/journal.hpp"

namespace malaposta::http {

enum class Method { get, head, post, put, del, other };

struct Request {
  Method method = Method::get;
  std::vector<std::string> path;                             // segments, percent-decoded
  std::vector<std::pair<std::string, std::string>> query;    // decoded, in the order of the target
  std::string content_type;                                  // lower case, without parameters
  std::string last_event_id;                                 // the header fields Last-Event-ID,
  std::string accept, accept_encoding, if_match, if_none_match;  // Accept, Accept-Encoding, If-Match, If-None-Match,
  std::string range, if_range;                                   // Range and If-Range
  bool upgrade = false;                                          // a WebSocket is wanted
  std::string body;
  std::vector<std::pair<std::string_view, std::string>> matched;  // the route's {names}, with their segments

  // The first value of that name; `otherwise` where there is none.
  std::string_view parameter(std::string_view name, std::string_view otherwise = {}) const;
  // What stands where the route's path has {name}.
  const std::string& segment(std::string_view name) const;
};

// False where the target is no path with a query: what RFC 9112 calls origin-form.
bool read_target(std::string_view target, Request& request);

// "Application/JSON; charset=utf-8" -> "application/json".
std::string media_type(std::string_view content_type);

// The one of `offered` that a field Accept likes best (RFC 9110 section 12.5.1), of several the first; the first where it likes none.
std::string_view preferred(std::string_view accept, std::span<const std::string_view> offered);

// Whether a field If-Match or If-None-Match names that entity tag ("*" names all). Whether one is weak makes no difference.
bool names_tag(std::string_view field, std::string_view tag);

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string etag = {};                                         // for apply_conditions(); empty: the answer has none
  bool ranges = false;                                           // a part of it may be asked for
  std::shared_ptr<const journal::Content> content = {};          // instead of `body`, and sent without being copied

  std::size_t size() const { return content ? content->size() : body.size(); }
};

struct Visit;
struct Pause;
struct Stream;
using Answer = std::variant<Response, Visit, Pause, Stream>;

// `look` is called with each journal, one after the other, on the thread that owns it; then `answer`, which may look again.
struct Visit {
  std::function<void(journal::Journal&)> look;
  std::function<Answer()> answer;
};

// `go_on` is called once something has happened since the last look at the journals, or once it is `until`.
struct Pause {
  journal::TimePoint until;
  std::function<Answer()> go_on;
};

// An answer without an end. `look` is called with each journal as above, then `take` for what is to be sent, again and again while
// that is something, and then each time that something has happened. Nothing more is taken before what was taken has been sent.
struct Stream {
  std::string content_type;  // empty: a WebSocket, where each line that is taken becomes a message
  std::function<void(journal::Journal&)> look;
  std::function<std::string()> take;
  std::string sign_of_life;  // what is sent where there has long been nothing
};

Response json(const boost::json::value& value, unsigned status = 200);
Response error(unsigned status, std::string_view message);

}  // namespace malaposta::http

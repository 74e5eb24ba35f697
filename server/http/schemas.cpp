#include "http/schemas.hpp"

namespace malaposta::http {

namespace {

constexpr Schema kSchemas[] = {
    {"Error", R"({"type": "object", "required": ["error"], "additionalProperties": false,
      "properties": {"error": {"type": "string", "description": "What is wrong, and the way out"}}})"},
    {"Status", R"({"type": "object", "required": ["status"], "additionalProperties": false,
      "properties": {"status": {"type": "string", "enum": ["ok", "ready"]}}})"},
    {"OpenApi", R"({"type": "object", "required": ["openapi", "info", "paths"]})"},
    {"Listener", R"({"type": "object", "required": ["Kind", "Scenario", "Address", "Port", "TLS", "Listen"], "additionalProperties": false,
      "properties": {"Kind": {"const": "smtp"}, "Scenario": {"type": "string"}, "Address": {"type": "string"},
        "Port": {"type": "integer", "minimum": 1, "maximum": 65535},
        "TLS": {"enum": ["none", "starttls", "required", "implicit"]}, "Listen": {"enum": ["accept", "refuse", "ignore"]}}})"},
    {"Info", R"({"type": "object", "required": ["Version", "Database", "DatabaseSize", "Messages", "Sessions", "RuntimeStats", "Listeners"],
      "additionalProperties": false,
      "properties": {"Version": {"type": "string"}, "Database": {"type": "string"},
        "DatabaseSize": {"type": "integer", "description": "Bytes of messages kept and under way"},
        "Messages": {"type": "integer"}, "Sessions": {"type": "integer"},
        "RuntimeStats": {"type": "object", "required": ["Uptime", "Memory", "MessagesDeleted"], "additionalProperties": false,
          "properties": {"Uptime": {"type": "integer", "description": "Seconds"},
            "Memory": {"type": "integer", "description": "Bytes that are resident"},
            "MessagesDeleted": {"type": "integer", "description": "Messages that gave way to the limits"}}},
        "Listeners": {"type": "array", "items": {"$ref": "#/components/schemas/Listener"}}}})"},
};

}  // namespace

std::span<const Schema> schemas() { return kSchemas; }

}  // namespace malaposta::http

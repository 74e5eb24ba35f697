# Homebrew on Linux, from a checkout: brew install --HEAD --formula packaging/homebrew/malaposta.rb
class Malaposta < Formula
  desc "SMTP server that misbehaves on purpose, to test mail clients"
  license "Apache-2.0"
  head "file://#{File.expand_path("../..", __dir__)}", using: :git

  depends_on "cmake" => :build
  depends_on "ninja" => :build
  depends_on "node" => :build # the web page
  depends_on "pkgconf" => :build
  depends_on "boost"
  depends_on "fmt"
  depends_on "gmime"
  depends_on "gsasl"
  depends_on "libfyaml"
  depends_on :linux # sockets that refuse, or never answer, are made with what Linux alone has
  depends_on "openssl@3"
  depends_on "prometheus-cpp"
  depends_on "pugixml"
  depends_on "re2"
  depends_on "sqlite"
  depends_on "sqlitecpp"

  def install
    system "cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DMALAPOSTA_TESTS=OFF", *std_cmake_args
    system "cmake", "--build", "build", "--target", "package_contents"
    system "cmake", "--install", "build"
  end

  test do
    assert_match "malaposta", shell_output("#{bin}/malaposta version")
    assert_match "451-twice", shell_output("#{bin}/malaposta codes 451")
  end
end

"""Every Scrapy setting of Otklik.

Scrapy reads the names in capitals. What is not here keeps Scrapy's default on purpose.
"""

from importlib.metadata import PackageNotFoundError, version

from crawler.environment import Environment

_environment = Environment()


def _version() -> str:
    """The installed version; a checkout that was never installed has none."""
    try:
        return version("otklik")
    except PackageNotFoundError:
        return "0"


OTKLIK_VERSION = _version()
BOT_NAME = "otklik"
SPIDER_MODULES = ["spiders"]
ITEM_PIPELINES = {"pipelines.buffer.Buffer": 100}
# What makes the `Crawl` of `scrapy crawl NAME -a city=… -a source=…`; the runner hands its own to the spider.
OTKLIK_CRAWL = "crawler.runner.open_crawl"

# Who we are: sites see a name that robots.txt can address and, once the administrator set it, whom to write to.
OTKLIK_CONTACT = _environment.variables.get("OTKLIK_CONTACT", "")
USER_AGENT = f"Otklik/{OTKLIK_VERSION} (municipal feedback crawler{'; +' + OTKLIK_CONTACT if OTKLIK_CONTACT else ''})"
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "Otklik"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "ru,en;q=0.5",
}
REFERRER_POLICY = "no-referrer"
COOKIES_ENABLED = False

# What can be reached: http and https alone, through the address guard alone. A proxy would resolve names elsewhere, out
# of the guard's sight, so a proxy of the environment is not used.
DOWNLOAD_HANDLERS = {
    "http": "crawler.fetching.resolver.GuardedHandler",
    "https": "crawler.fetching.resolver.GuardedHandler",
    "file": None,
    "ftp": None,
    "s3": None,
    "data": None,
}
TWISTED_DNS_RESOLVER = "crawler.fetching.resolver.GuardedResolver"
DNS_TIMEOUT = 15
# Scrapy's cache of names never forgets, and `otklik run` lives for months.
DNSCACHE_ENABLED = False
HTTPPROXY_ENABLED = False
DOWNLOAD_VERIFY_CERTIFICATES = True
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False

# How much and how long: bytes count after decompression too.
DOWNLOAD_MAXSIZE = 8 * 1024 * 1024
DOWNLOAD_WARNSIZE = 4 * 1024 * 1024
DOWNLOAD_TIMEOUT = 30
REDIRECT_MAX_TIMES = 5
METAREFRESH_ENABLED = False
CLOSESPIDER_TIMEOUT = 30 * 60
# 4 items at once: the default of 100 makes 105 tasks a page and halves the speed.
CONCURRENT_ITEMS = 4
CONCURRENT_REQUESTS = 8
CONCURRENT_REQUESTS_PER_DOMAIN = 2

# Pages in JavaScript: the browser, "" where there is none; what one page may ask for over the wire, beside twice
# DOWNLOAD_MAXSIZE bytes and DOWNLOAD_TIMEOUT; resident bytes of all its processes; pages until it is started anew.
OTKLIK_CHROMIUM = str(_environment.chromium() or "")
OTKLIK_BROWSER_REQUESTS = 300
OTKLIK_BROWSER_MEMORY = 2 * 1024**3
OTKLIK_BROWSER_PAGES = 100

# How fast: AutoThrottle follows the site's own latency, never under a robots.txt's Crawl-delay.
DOWNLOAD_DELAY = 0.5
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 30.0
EXTENSIONS = {
    "scrapy.extensions.throttle.AutoThrottle": None,
    "crawler.fetching.politeness.PoliteThrottle": 0,
}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.fetching.robots.CarefulRobots": 100,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "crawler.fetching.politeness.PoliteRetry": 550,
    # After Scrapy's redirects (600) and decompression (590), so that the page itself is fetched as every page is.
    "crawler.fetching.browser.Browser": 580,
}
RETRY_TIMES = 2
RETRY_GIVE_UP_LOG_LEVEL = "INFO"
# Seconds of the first back-off of a host; each retry doubles it.
OTKLIK_BACKOFF = 2.0

# Posts are personal data: no log line prints one.
LOG_FORMATTER = "pipelines.buffer.PrivateLogFormatter"
LOG_LEVEL = _environment.variables.get("OTKLIK_LOG_LEVEL", "INFO")
STATS_DUMP = False

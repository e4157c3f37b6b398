// The name of the page, which the theme's scripts ask for. (The theme has this in each page; see strict_pages.py.)
DOCUMENTATION_OPTIONS.pagename = document.currentScript.dataset.page;

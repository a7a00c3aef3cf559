// Adds to the pages of Orthanc Explorer 1 for studies, series and instances a
// button that leads to what became of the dose report, and its state beside it.
(function () {
  function uuid() { return $.mobile.pageData && $.mobile.pageData.uuid; }

  function add(page, level) {
    $(page).live('pagebeforecreate', function () {
      var button = $('<a>').attr('data-role', 'button').attr('href', '#').attr('data-icon', 'info').attr('data-theme', 'e').addClass('dosegate-button').text('Dose report');
      button.insertBefore($(page + '-delete').parent().parent());
      button.click(function () {
        if (uuid()) { window.open('../dosegate/orthanc/' + level + '/' + encodeURIComponent(uuid())); }
        return false;
      });
    });
    $(page).live('pageshow', function () {
      var button = $(page + ' .dosegate-button');
      button.hide();
      if (!uuid()) { return; }
      $.ajax({
        url: '../dosegate/api/v1/orthanc/' + level + '/' + encodeURIComponent(uuid()), dataType: 'json', cache: false,
        success: function (found) {
          if (!found.reports || found.reports.length === 0) { return; }
          var states = found.reports.map(function (r) { return r.state; });
          button.find('.ui-btn-text').text('Dose report: ' + states.join(', '));
          button.show();
        }
      });
    });
  }

  add('#instance', 'instances');
  add('#series', 'series');
  add('#study', 'studies');
})();

// Adds to the pages of Orthanc Explorer 1 for studies, series and instances a button
// that leads to what became of their dose reports, and says it in a word.
(function () {
  'use strict';

  function add(page, level) {
    function of(path) { return '../dosegate/' + path + 'orthanc/' + level + '/' + encodeURIComponent($.mobile.pageData.uuid); }

    $(page).live('pagebeforecreate', function () {
      $('<a>').attr({ 'data-role': 'button', 'data-icon': 'info', 'data-theme': 'e', href: '#', target: '_blank' })
        .addClass('dosegate-button').text('Dose report').hide().insertBefore($(page + '-delete').parent().parent());
    });

    $(page).live('pageshow', function () {
      var button = $(page + ' .dosegate-button').hide();
      if (!$.mobile.pageData || !$.mobile.pageData.uuid) { return; }
      $.ajax({
        url: of('api/v1/'), dataType: 'json', cache: false,
        success: function (found) {
          if (!found.state) { return; } // no dose report of it is known
          button.attr('href', of('')).attr('title', found.words);
          button.find('.ui-btn-text').text('Dose report: ' + found.state);
          button.show();
        }
      });
    });
  }

  add('#study', 'studies');
  add('#series', 'series');
  add('#instance', 'instances');
})();

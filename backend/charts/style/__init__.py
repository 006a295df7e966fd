"""What all charts share in looks: colours, fonts, widths, number formats, thinning and PNG export.

Nothing here knows what a chart shows. Start with ``theme``.
"""
